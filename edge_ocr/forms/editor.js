// Boxes on the form's picture become fields of its file. Boxes are kept in parts of the form, 0 to 1.

import { ask, find, say } from "./asking.js";

const stage = find("stage");

const LEAST = 0.004;  // Of the form: anything smaller was a click.
const EMPTY = { cells: "", charset: "", pattern: "" };

let fields = [];
let selected = -1;
let drag = null;  // { kind: "draw" | "move" | "resize", start: [x, y], box }
let unsaved = false;

const size = () => {
  const sides = ["width", "height"].map((id) => Number(find(id).value.replace(",", ".")));
  return find("width").value.trim() || find("height").value.trim() ? sides : null;
};

function changed() {
  unsaved = true;
  say("not saved yet");
}

function show() {
  for (const box of stage.querySelectorAll(".box")) box.remove();
  fields.forEach((field, number) => {
    const box = document.createElement("div");
    box.className = number === selected ? "box selected" : "box";
    box.dataset.number = number;
    ["left", "top", "width", "height"].forEach((side, k) => { box.style[side] = `${100 * field.box[k]}%`; });
    const label = document.createElement("span");
    label.textContent = field.name || "?";
    box.append(label);
    if (number === selected) box.append(Object.assign(document.createElement("i"), { className: "corner" }));
    stage.append(box);
  });
  find("fields").replaceChildren(...fields.map((field, number) => {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    button.type = "button";
    button.textContent = `${field.name || "no name yet"} (${field.kind})`;
    button.setAttribute("aria-pressed", String(number === selected));
    button.addEventListener("click", () => select(number));
    item.append(button);
    return item;
  }));
}

function showParts() {
  const field = fields[selected];
  find("field").hidden = !field;
  if (!field) return;
  for (const part of find("field").querySelectorAll("[data-kinds]")) {
    part.hidden = !part.dataset.kinds.split(" ").includes(field.kind);
  }
}

function select(number) {
  selected = number;
  const field = fields[number];
  if (field) for (const id of ["name", "kind", "cells", "charset", "pattern"]) find(id).value = field[id];
  showParts();
  show();
}

function point(event) {
  const area = stage.getBoundingClientRect();
  const [x, y] = [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  return [Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1)];
}

stage.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary || event.button !== 0) return;
  stage.setPointerCapture(event.pointerId);
  const box = event.target.closest(".box");
  const start = point(event);
  if (event.target.className === "corner") {
    drag = { kind: "resize", start, box: [...fields[selected].box] };
  } else if (box) {
    select(Number(box.dataset.number));
    drag = { kind: "move", start, box: [...fields[selected].box] };
  } else {
    fields.push({ name: "", kind: "text", box: [...start, 0, 0], ...EMPTY });
    select(fields.length - 1);
    drag = { kind: "draw", start, box: [...start, 0, 0] };
  }
  event.preventDefault();
});

stage.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = point(event);
  const [dx, dy] = [x - drag.start[0], y - drag.start[1]];
  const [left, top, width, height] = drag.box;
  if (drag.kind === "draw") {
    fields[selected].box = [Math.min(x, left), Math.min(y, top), Math.abs(dx), Math.abs(dy)];
  } else if (drag.kind === "move") {
    fields[selected].box = [
      Math.min(Math.max(left + dx, 0), 1 - width), Math.min(Math.max(top + dy, 0), 1 - height), width, height];
  } else {
    fields[selected].box = [left, top, Math.max(LEAST, width + dx), Math.max(LEAST, height + dy)];
  }
  show();
});

function drop() {
  if (!drag) return;
  const [, , width, height] = fields[selected].box;
  if (drag.kind === "draw" && (width < LEAST || height < LEAST)) {
    fields.splice(selected, 1);
    select(-1);
  } else if (fields[selected].box.join() !== drag.box.join()) {
    changed();
    if (drag.kind === "draw") find("name").focus();
  }
  drag = null;
}
stage.addEventListener("pointerup", drop);
stage.addEventListener("pointercancel", drop);

find("field").addEventListener("input", (event) => {
  fields[selected][event.target.id] = event.target.value;
  showParts();
  show();
  changed();
});
find("field").addEventListener("submit", (event) => event.preventDefault());
find("remove").addEventListener("click", () => {
  fields.splice(selected, 1);
  select(-1);
  changed();
});
for (const id of ["width", "height"]) find(id).addEventListener("input", changed);

// A field as the form's file has it: in millimetres where the paper's size is known.
function written(field) {
  const [wide, high] = size() || [1, 1];
  const box = field.box.map((part, k) => Number((part * (k % 2 ? high : wide)).toFixed(size() ? 2 : 4)));
  const entry = { name: field.name, kind: field.kind, box };
  const fits = (id) => find(id).closest("[data-kinds]").dataset.kinds.split(" ").includes(field.kind);
  if (fits("cells")) entry.cells = /^\d+$/.test(field.cells) ? Number(field.cells) : field.cells;
  for (const id of ["charset", "pattern"]) if (fits(id) && field[id]) entry[id] = field[id];
  return entry;
}

async function save() {
  try {
    await ask("form", { size: size(), field: fields.map(written) });
    unsaved = false;
    say("saved");
    return true;
  } catch (error) {
    say(error.message, true);
    return false;
  }
}

find("save").addEventListener("click", save);
find("end").addEventListener("click", async () => {
  if (!await save()) return;
  await ask("end", {});
  say("saved; you may close this page");
  for (const button of document.querySelectorAll("button")) button.disabled = true;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

async function load() {
  const form = await (await fetch("form.json")).json();
  document.title = form.file;
  for (const kind of form.kinds) find("kind").append(new Option(kind, kind));
  if (form.size) ["width", "height"].forEach((id, k) => { find(id).value = form.size[k]; });
  const [wide, high] = form.size || [1, 1];
  fields = form.field.map((field) => ({
    kind: "text", ...EMPTY, ...field, cells: String(field.cells || ""),
    box: field.box.map((edge, k) => edge / (k % 2 ? high : wide)) }));
  select(-1);
  say(fields.length ? `${fields.length} fields of ${form.file}` : `drag a box around the first field of ${form.file}`);
}
load();
