// Choosing an area: drawn with a pointer, moved and sized by its corners or by the keyboard.

import { find, show } from "./elements.js";
import { point, size } from "./drawing.js";

const [stage, area] = ["stage", "area"].map(find);
const LEAST = 16;   // pixels of the picture
const STEP = 1 / 50;  // part of the picture's width by which an arrow key moves
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let box = null;      // left, top, right, bottom in the picture's pixels while an area is chosen
let taken = null;    // what the pointer does with it: {start, box, corner}
let answer = null;   // gets the box, or null

for (const corner of ["nw", "ne", "sw", "se"]) {
  const handle = document.createElement("span");
  handle.className = corner;
  area.append(handle);
}

// Lets the viewer choose; gives the box, or null if it was cancelled.
export function choose(first) {
  if (!size()) return Promise.resolve(null);
  finish(null);
  const [width, height] = size();
  set(first ?? [0.2 * width, 0.3 * height, 0.8 * width, 0.7 * height]);
  toggle(true);
  area.focus();
  return new Promise((resolve) => { answer = resolve; });
}

function finish(chosen) {
  if (!answer) return;
  toggle(false);
  const resolve = answer;
  answer = box = taken = null;
  resolve(chosen);
  find("choose").focus();
}

function toggle(isOn) {
  stage.classList.toggle("choosing", isOn);
  for (const [id, isShown] of [["area", isOn], ["choosing", isOn], ["tools", !isOn]]) show(find(id), isShown);
}

// Takes edges in any order, inside the picture.
function set([a, b, c, d]) {
  const [width, height] = size();
  const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
  const [left, right] = [a, c].map((x) => within(x, width)).sort((x, y) => x - y);
  const [top, bottom] = [b, d].map((y) => within(y, height)).sort((x, y) => x - y);
  box = [Math.min(left, width - LEAST), Math.min(top, height - LEAST), Math.max(right, left + LEAST), Math.max(bottom, top + LEAST)];
  const part = (value, whole) => `${(100 * value) / whole}%`;
  Object.assign(area.style, {
    left: part(box[0], width), top: part(box[1], height),
    width: part(box[2] - box[0], width), height: part(box[3] - box[1], height),
  });
  area.setAttribute("aria-label", `Area from ${box[0]}, ${box[1]} to ${box[2]}, ${box[3]}`);
}

// Moves the whole box, as far as the picture goes.
function move([left, top, right, bottom], x, y) {
  const [width, height] = size();
  const across = Math.min(Math.max(x, -left), width - right), down = Math.min(Math.max(y, -top), height - bottom);
  set([left + across, top + down, right + across, bottom + down]);
}

stage.addEventListener("pointerdown", (event) => {
  if (!box || !event.isPrimary || event.button !== 0) return;
  event.preventDefault();
  stage.setPointerCapture(event.pointerId);
  const start = point(event);
  const corner = event.target.parentElement === area ? event.target.className : event.target === area ? "all" : "new";
  taken = { start, corner, box: corner === "new" ? [...start, ...start] : box };
});
stage.addEventListener("pointermove", (event) => {
  if (!taken || !event.isPrimary) return;
  const [x, y] = point(event);
  const [left, top, right, bottom] = taken.box;
  const { corner, start } = taken;
  if (corner === "all") move(taken.box, x - start[0], y - start[1]);
  else if (corner === "new") set([...start, x, y]);
  else set([corner[1] === "w" ? x : left, corner[0] === "n" ? y : top, corner[1] === "e" ? x : right, corner[0] === "s" ? y : bottom]);
});
for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, () => { taken = null; });

area.addEventListener("keydown", (event) => {
  if (!box) return;
  if (ARROWS[event.key]) {
    const [x, y] = ARROWS[event.key].map((way) => Math.round(way * STEP * size()[0]));
    if (event.shiftKey) set([box[0], box[1], Math.max(box[2] + x, box[0] + LEAST), Math.max(box[3] + y, box[1] + LEAST)]);
    else move(box, x, y);
    event.preventDefault();
  } else if (event.key === "Enter") {
    event.preventDefault();
    finish(box);
  }
});
window.addEventListener("keydown", (event) => { if (event.key === "Escape") finish(null); });
find("apply-area").addEventListener("click", () => finish(box));
find("cancel-area").addEventListener("click", () => finish(null));
