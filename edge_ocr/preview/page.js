"use strict";
// Draws the loop's states over the picture. All text goes in as text, never as HTML.

const find = (id) => document.getElementById(id);
const [stage, overlay, picture] = [find("stage"), find("overlay"), find("picture")];
let state = null;      // the latest one from the server
let drag = null;       // [x, y, x, y] in the picture's pixels while a region is dragged
let listed = -1;       // number of texts when the history was last shown; -1: show it again
let asking = false;    // whether the history is being fetched
let editing = false;   // whether somebody is typing in one of the fields
let shown = "";        // the lines that the text shows, as JSON
const troubles = {};   // sentences on what goes wrong at present, by what was tried
const FIELDS = ["charset", "pattern", "pattern_in", "min_confidence"];  // what can be typed

const AGAIN_MS = 3000;  // wait before what failed is tried again

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
    const [x, y] = [line.box[0] * scale, Math.max(line.box[1] * scale - 6 * ratio, 14 * ratio)];
    pen.fillStyle = "rgba(20, 20, 20, .8)";
    pen.fillRect(x, y - 14 * ratio, size + 8 * ratio, 19 * ratio);
    pen.fillStyle = "#fff";
    pen.fillText(line.text, x + 4 * ratio, y);
  }
  pen.setLineDash([4 * ratio, 4 * ratio]);
  pen.strokeStyle = colour("doubtful");
  for (const line of state.page ? state.page.rejected : []) for (const word of line.words) box(word.box);
  pen.setLineDash([]);
  const region = drag || state.task.region;
  if (region) {
    pen.setLineDash([8 * ratio, 5 * ratio]);
    pen.strokeStyle = "#fff";
    box(region);
    pen.setLineDash([]);
  }
}

// Sets an element's text only if it differs: screen readers repeat it each time it is set.
function write(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

function report(what, sentence) {
  troubles[what] = sentence;
  const all = Object.values(troubles).filter(Boolean).join("\n");
  write("trouble", all);
  find("trouble").hidden = !all;
}

// Which field the loop's trouble is about: both patterns have the same errors.
function fieldInTrouble() {
  return state.field === "pattern" && state.task.pattern_in ? "pattern_in" : state.field;
}

// Says at a field why what stands there cannot be used.
function refuse(field, sentence) {
  const place = `${field}-refusal`;
  write(place, sentence);
  find(place).hidden = !sentence;
  find(field).setAttribute("aria-invalid", String(Boolean(sentence)));
}

function showText(page) {
  const lines = page ? page.lines : [];
  // A selection in the text would not survive replacing it.
  if (JSON.stringify(lines) === shown) return;
  shown = JSON.stringify(lines);
  find("copy").disabled = !lines.length;
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

// Throws a sentence if nothing comes, or a refusal.
async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The connection was lost: try again.");
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

async function followHistory() {
  if (asking || state.texts === listed) return;
  asking = true;
  const wanted = state.texts;
  try {
    showHistory(await (await ask("history.json")).json());
    listed = wanted;
    report("history", "");
    asking = false;
  } catch {
    report("history", "The history could not be fetched: the connection was lost, trying again.");
    setTimeout(() => { asking = false; }, AGAIN_MS);
  }
}

function showHistory(entries) {
  find("history").replaceChildren(...entries.reverse().map((entry) => {
    const [item, time] = [document.createElement("li"), document.createElement("time")];
    time.textContent = new Date(1000 * entry.time).toLocaleTimeString();
    item.append(time, entry.text);
    return item;
  }));
}

function show() {
  write("connection", state.task.paused ? "paused" : "reading");
  write("rate", state.task.paused ? "" : `${state.rate} frames/s`);
  write("pause", state.task.paused ? "Go on" : "Pause");
  find("whole").hidden = !state.task.region;
  report("reading", state.field ? "" : state.trouble);
  if (!editing) {
    for (const field of FIELDS) {
      find(field).value = state.task[field];
      refuse(field, field === fieldInTrouble() ? state.trouble : "");
    }
  }
  showText(state.page);
  showFigures();
  draw();
  followHistory();
}

// Whether the server took it. A refusal stands at its field, if it is about one.
async function change(task) {
  try {
    await ask("task", { method: "POST", body: JSON.stringify(task) });
    report("change", "");
    for (const field of FIELDS) refuse(field, "");
    return true;
  } catch (error) {
    const { field, sentence } = refusal(error.message);
    for (const one of FIELDS) refuse(one, one === field ? sentence : "");
    report("change", FIELDS.includes(field) ? "" : `Nothing was changed. ${sentence}`);
    return false;
  }
}

function refusal(answer) {
  try {
    return JSON.parse(answer);
  } catch {
    return { field: null, sentence: answer };
  }
}

// A number, null where the field is empty, or what was typed, which the server will refuse.
function typedConfidence() {
  const typed = find("min_confidence").value.trim().replace(",", ".");
  const number = typed ? Number(typed) : null;
  return Number.isNaN(number) ? typed : number;
}

// Browsers give pages a clipboard only on this machine or over https.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    if (!document.execCommand("copy")) return false;
    getSelection().removeAllRanges();
    return true;
  }
}

function point(event) {
  const area = stage.getBoundingClientRect();
  const scale = state.size[0] / area.width;
  return [event.clientX - area.left, event.clientY - area.top].map((value, axis) =>
    Math.round(Math.min(Math.max(value * scale, 0), state.size[axis])));
}

stage.addEventListener("pointerdown", (event) => {
  if (!state || !event.isPrimary || event.button !== 0) return;
  stage.setPointerCapture(event.pointerId);
  drag = [...point(event), ...point(event)];
});
stage.addEventListener("pointermove", (event) => {
  if (!drag || !event.isPrimary) return;
  drag = [drag[0], drag[1], ...point(event)];
  draw();
});
stage.addEventListener("pointerup", (event) => {
  if (!drag || !event.isPrimary) return;
  const region = [Math.min(drag[0], drag[2]), Math.min(drag[1], drag[3]), Math.max(drag[0], drag[2]), Math.max(drag[1], drag[3])];
  drag = null;
  if (region[2] - region[0] > 10 && region[3] - region[1] > 10) change({ region });
});
stage.addEventListener("pointercancel", () => { drag = null; });
find("whole").addEventListener("click", () => change({ region: null }));
find("pause").addEventListener("click", () => change({ paused: !(state && state.task.paused) }));
find("copy").addEventListener("click", async () => {
  const copied = await copy(find("text"));
  report("copy", copied ? "" : "This browser does not let pages copy: the text is selected, copy it with the keyboard or the menu.");
  if (!copied) return;
  write("copy", "Copied");
  setTimeout(() => write("copy", "Copy"), 1200);
});
for (const id of FIELDS) find(id).addEventListener("input", () => { editing = true; });
find("task").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = { min_confidence: typedConfidence() };
  for (const field of ["charset", "pattern", "pattern_in"]) wanted[field] = find(field).value;
  editing = !await change(wanted);
});
window.addEventListener("resize", draw);

function showPicture() {
  picture.src = `pictures?${Date.now()}`;
}
picture.addEventListener("error", () => setTimeout(showPicture, AGAIN_MS));

function connect() {
  const events = new EventSource("states");
  events.onopen = () => {
    listed = -1;  // It may be another run with as many texts.
    showPicture();
  };
  events.onmessage = (event) => {
    const next = JSON.parse(event.data);
    if (next.size) {
      state = next;
      show();
    } else {
      write("connection", "waiting for the camera");
      report("reading", next.trouble);
    }
  };
  events.onerror = () => {
    write("connection", "connection lost, trying again");
    write("rate", "");
    // A browser retries a broken connection by itself, but not a refused one.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS);
  };
}
connect();
