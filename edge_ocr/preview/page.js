"use strict";
// Draws the loop's states over the picture. All text goes in as text, never as HTML.

const find = (id) => document.getElementById(id);
const [stage, overlay, picture] = [find("stage"), find("overlay"), find("picture")];
let state = null;      // the latest one from the server
let drag = null;       // [x, y, x, y] in the picture's pixels while a region is dragged
let told = -1;         // how many texts the history shows
let editing = false;   // whether somebody is typing a charset or pattern

const level = (confidence) => (confidence >= 0.9 ? "sure" : confidence >= 0.6 ? "likely" : "doubtful");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [stage.clientWidth, stage.clientHeight];
  overlay.width = width * ratio;
  overlay.height = height * ratio;
  const pen = overlay.getContext("2d");
  if (!state || !state.size) return;
  const scale = (width * ratio) / state.size[0];
  const box = ([left, top, right, bottom]) => pen.strokeRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
  pen.lineWidth = 2 * ratio;
  pen.font = `600 ${13 * ratio}px system-ui, sans-serif`;
  for (const line of state.page ? state.page.lines : []) {
    for (const word of line.words) {
      pen.strokeStyle = pen.fillStyle = colour(level(word.confidence));
      box(word.box);
    }
    const size = pen.measureText(line.text).width;
    const [x, y] = [line.box[0] * scale, line.box[1] * scale - 6 * ratio];
    pen.fillStyle = "rgba(20, 20, 20, .8)";
    pen.fillRect(x, y - 14 * ratio, size + 8 * ratio, 19 * ratio);
    pen.fillStyle = "#fff";
    pen.fillText(line.text, x + 4 * ratio, y);
  }
  const region = drag || state.task.region;
  if (region) {
    pen.setLineDash([8 * ratio, 5 * ratio]);
    pen.strokeStyle = "#fff";
    box(region);
    pen.setLineDash([]);
  }
}

function showText(page) {
  const lines = page ? page.lines : [];
  find("text").replaceChildren(...lines.flatMap((line, number) => {
    const words = line.words.flatMap((word, k) => {
      const span = document.createElement("span");
      span.className = level(word.confidence);
      span.title = `${Math.round(100 * word.confidence)} %`;
      span.textContent = word.text;
      return k ? [" ", span] : [span];
    });
    return number ? ["\n", ...words] : words;
  }));
}

function showFigures() {
  const rows = [["frames a second", state.rate]];
  for (const [name, ms] of Object.entries(state.stages || {})) rows.push([name, `${ms} ms`]);
  for (const [name, count] of Object.entries(state.counts || {})) rows.push([name, count]);
  if (state.temperature !== null) rows.push(["temperature", `${state.temperature.toFixed(0)} °C`]);
  find("figures").replaceChildren(...rows.flatMap(([name, value]) => {
    const [term, fact] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    fact.textContent = value;
    return [term, fact];
  }));
}

async function showHistory() {
  const entries = await (await fetch("history.json")).json();
  find("history").replaceChildren(...entries.reverse().map((entry) => {
    const [item, time] = [document.createElement("li"), document.createElement("time")];
    time.textContent = new Date(1000 * entry.time).toLocaleTimeString();
    item.append(time, entry.text);
    return item;
  }));
}

function show() {
  find("status").textContent = state.task.paused ? "paused" : `${state.rate} frames/s`;
  find("pause").textContent = state.task.paused ? "Go on" : "Pause";
  find("whole").hidden = !state.task.region;
  find("trouble").hidden = !state.trouble;
  find("trouble").textContent = state.trouble || "";
  if (!editing) {
    find("charset").value = state.task.charset;
    find("pattern").value = state.task.pattern;
  }
  showText(state.page);
  showFigures();
  draw();
  if (state.told !== told) {
    told = state.told;
    showHistory();
  }
}

async function change(task) {
  const answer = await fetch("task", { method: "POST", body: JSON.stringify(task) });
  if (!answer.ok) {
    find("trouble").hidden = false;
    find("trouble").textContent = await answer.text();
  }
}

function point(event) {
  const area = stage.getBoundingClientRect();
  const scale = state.size[0] / area.width;
  return [event.clientX - area.left, event.clientY - area.top].map((value, axis) =>
    Math.round(Math.min(Math.max(value * scale, 0), state.size[axis])));
}

stage.addEventListener("pointerdown", (event) => {
  if (!state || !state.size) return;
  stage.setPointerCapture(event.pointerId);
  drag = [...point(event), ...point(event)];
});
stage.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag = [drag[0], drag[1], ...point(event)];
  draw();
});
stage.addEventListener("pointerup", () => {
  if (!drag) return;
  const region = [Math.min(drag[0], drag[2]), Math.min(drag[1], drag[3]), Math.max(drag[0], drag[2]), Math.max(drag[1], drag[3])];
  drag = null;
  if (region[2] - region[0] > 10 && region[3] - region[1] > 10) change({ region });
});
stage.addEventListener("pointercancel", () => { drag = null; });
find("whole").addEventListener("click", () => change({ region: null }));
find("pause").addEventListener("click", () => change({ paused: !(state && state.task.paused) }));
find("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(find("text").textContent);
  find("copy").textContent = "Copied";
  setTimeout(() => { find("copy").textContent = "Copy"; }, 1200);
});
for (const id of ["charset", "pattern"]) find(id).addEventListener("input", () => { editing = true; });
find("task").addEventListener("submit", (event) => {
  event.preventDefault();
  editing = false;
  change({ charset: find("charset").value, pattern: find("pattern").value });
});
window.addEventListener("resize", draw);

const events = new EventSource("states");
events.onmessage = (event) => {
  const next = JSON.parse(event.data);
  if (!next.size) return;
  state = next;
  show();
};
events.onerror = () => {
  find("status").textContent = "connection lost, trying again";
};
events.onopen = () => { picture.src = `pictures?${Date.now()}`; };
