// Draws a picture and its boxes, together. What a block says stands beside it while it is pointed at or tapped.

import { find, percent, show } from "./elements.js";

const [stage, canvas, label] = ["stage", "picture", "label"].map(find);
const FRESH_S = 0.05, FADED_S = 0.6;  // age of boxes, in seconds, from which they fade, and at which they are gone
const SMALL = 24;  // height of a line on the screen, in its pixels
const COLOURS = { sure: "#0072b2", likely: "#b36b00", unsure: "#c8102e" };
export const AREAS = ["#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#d55e00", "#0072b2"];  // Okabe and Ito

let bitmap = null;    // the picture
let picture = null;   // its number, size and boxes
let task = null;      // regions and ignored areas
let waiting = null;   // the newest picture that is not drawn yet, with its JPEG
let busy = false;     // whether one is decoded
let cleared = 0;      // how often boxes were taken away
let pointed = null;   // [x, y] in the picture's pixels

export const size = () => (picture ? [picture.width, picture.height] : null);

// Takes a message's picture. Its boxes belong to it, or say how much older they are. While one is decoded, only the
// newest one waits: on a slow telephone the others would pile up, and it would show what was there long ago.
export async function take(next, jpeg) {
  waiting = { next, jpeg: jpeg ?? waiting?.jpeg };
  if (busy) return;
  busy = true;
  try {
    while (waiting) await drawNext();
  } finally {
    busy = false;
  }
}

async function drawNext() {
  const { next, jpeg } = waiting;
  const before = cleared;
  waiting = null;
  if (jpeg) {
    const decoded = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
    bitmap?.close();
    bitmap = decoded;
  }
  picture = before === cleared ? next : withoutBoxes(next);
  draw();
}

const withoutBoxes = (one) => ({ ...one, lines: [], doubtful: [] });

// Boxes and labels go; the last picture stays, dimmed, as what was seen last.
export function clear() {
  waiting = null;
  cleared += 1;
  if (picture) picture = withoutBoxes(picture);
  draw();
}

export function follow(next) {
  task = next;
}

export function draw() {
  if (!bitmap || !picture) return;
  const ratio = window.devicePixelRatio || 1;
  stage.style.setProperty("--ratio", picture.width / picture.height);
  canvas.width = Math.round(stage.clientWidth * ratio);
  canvas.height = Math.round(stage.clientHeight * ratio);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const scale = canvas.width / picture.width;
  drawAreas(pen, scale, ratio);
  pen.globalAlpha = Math.min(1, Math.max(0, (FADED_S - picture.age) / (FADED_S - FRESH_S)));
  for (const part of picture.lines.flatMap((line) => parts(line, scale / ratio))) {
    outline(pen, part.box, COLOURS[part.confidence >= 0.9 ? "sure" : "likely"], scale, ratio);
  }
  if (find("doubtful").checked) {
    for (const part of picture.doubtful.flatMap((line) => parts(line, scale / ratio))) outline(pen, part.box, COLOURS.unsure, scale, ratio, [4, 4]);
  }
  pen.globalAlpha = 1;
  place();
}

// The words of a line, or all of it where it is so small that boxes between its words would cover them.
function parts(line, scale) {
  return (line.box[3] - line.box[1]) * scale < SMALL ? [line] : line.words;
}

// A box with a white halo, which shows on every ground; it stays off the writing.
function outline(pen, [left, top, right, bottom], colour, scale, ratio, dashes = []) {
  const gap = 3 * ratio;
  const box = [left * scale - gap, top * scale - gap, (right - left) * scale + 2 * gap, (bottom - top) * scale + 2 * gap];
  for (const [width, style] of [[5, "#fff"], [2, colour]]) {
    pen.lineWidth = width * ratio;
    pen.strokeStyle = style;
    pen.setLineDash(style === "#fff" ? [] : dashes.map((dash) => dash * ratio));
    pen.strokeRect(...box);
  }
  pen.setLineDash([]);
}

function drawAreas(pen, scale, ratio) {
  for (const [left, top, right, bottom] of task?.ignored ?? []) {
    pen.fillStyle = "rgba(90, 90, 90, .6)";
    pen.fillRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
  }
  (task?.regions ?? []).forEach((region, number) => {
    if (region.box) outline(pen, region.box, AREAS[number % AREAS.length], scale, ratio, [10, 5]);
  });
}

// Lines that belong together: of one size, one below the other.
export function blocks(lines) {
  const found = [];
  for (const line of lines) {
    const [left, top, right, bottom] = line.box;
    const height = bottom - top;
    const near = found.find(({ box: [l, t, r, b] }) =>
      left < r && l < right && top - b < 1.2 * height && t - bottom < 1.2 * height);
    if (near) {
      near.lines.push(line);
      near.box = [Math.min(near.box[0], left), Math.min(near.box[1], top), Math.max(near.box[2], right), Math.max(near.box[3], bottom)];
    } else {
      found.push({ box: [...line.box], lines: [line] });
    }
  }
  return found;
}

const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// Puts the label of the block that is pointed at where no writing is: beside it, or below the picture.
function place() {
  const all = picture ? blocks([...picture.lines, ...(find("doubtful").checked ? picture.doubtful : [])]) : [];
  const block = pointed && !stage.classList.contains("choosing") && all.find(({ box: [l, t, r, b] }) => pointed[0] >= l && pointed[0] <= r && pointed[1] >= t && pointed[1] <= b);
  show(label, Boolean(block));
  if (!block) return;
  label.textContent = block.lines.map((line) => `${line.text}  ${percent(line.confidence)}`).join("\n");
  const scale = stage.clientWidth / picture.width;
  const taken = all.map(({ box }) => box.map((edge) => edge * scale));
  const [left, top, right, bottom] = block.box.map((edge) => edge * scale);
  const [width, height] = [label.offsetWidth, label.offsetHeight];
  const spots = [[right + 8, top], [left - width - 8, top], [left, bottom + 8], [left, top - height - 8]];
  const free = spots.find(([x, y]) => x >= 0 && y >= 0 && x + width <= stage.clientWidth && y + height <= stage.clientHeight
    && !taken.some((box) => overlap([x, y, x + width, y + height], box)));
  const [x, y] = free ?? [0, stage.clientHeight + 6];
  Object.assign(label.style, { left: `${x}px`, top: `${y}px` });
}

// A place on the stage in the picture's pixels.
export function point(event) {
  const frame = stage.getBoundingClientRect();
  const scale = picture.width / frame.width;
  return [
    Math.round(Math.min(Math.max((event.clientX - frame.left) * scale, 0), picture.width)),
    Math.round(Math.min(Math.max((event.clientY - frame.top) * scale, 0), picture.height)),
  ];
}

function pointAt(event) {
  pointed = picture ? point(event) : null;
  place();
}

stage.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") pointAt(event); });
stage.addEventListener("pointerup", pointAt);
stage.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") { pointed = null; place(); } });
new ResizeObserver(draw).observe(stage);
find("doubtful").addEventListener("change", draw);
