// What is read, where: presets, own wishes, areas. All of it changes the reader for everyone.

import { find, make, say, show, write } from "./elements.js";
import { choose } from "./area.js";

const TEXTS = ["name", "charset", "pattern", "pattern_in", "unit"];
const NUMBERS = ["min_confidence", "digits", "largest_step"];
const FIELDS = [...TEXTS, ...NUMBERS];
const FREE = { charset: "", pattern: "", pattern_in: "", digits: null, never_falling: false, largest_step: null, unit: null };
const PRESETS = {
  Everything: FREE,
  Digits: { ...FREE, charset: "0-9" },
  Capitals: { ...FREE, charset: "A-Z" },
  Plate: { ...FREE, pattern: "[A-Z0-9]{1,4}([ -][A-Z0-9]{1,4}){1,2}" },
};
const CUSTOM = "Custom";

let task = null;       // the server's
let which = 0;         // number of the region that the form is about
let chosen = "";       // its name, which outlasts a state from before it was added
let editing = false;   // whether somebody types in one of the fields
let isCustom = false;  // whether the fields are open though a preset fits
let report = () => {};

for (const field of FIELDS) {
  // A pattern is no sentence: telephones must not begin it with a capital, nor correct it.
  for (const [name, value] of [["autocapitalize", "none"], ["autocorrect", "off"], ["autocomplete", "off"]]) find(field).setAttribute(name, value);
  find(field).spellcheck = false;
}
find("custom").addEventListener("input", () => { editing = true; });
for (const name of [...Object.keys(PRESETS), CUSTOM]) {
  const radio = make("input", { type: "radio", name: "preset", value: name, onclick: () => pick(name) });  // Not onchange: what did not arrive is chosen again.
  find("presets").append(make("label", {}, radio, name));
}

export function reportTo(reporter) {
  report = reporter;
}

const region = () => task.regions[which];
const kind = (one) => Object.keys(PRESETS).find((name) => Object.keys(FREE).every((field) => PRESETS[name][field] === one[field])) ?? CUSTOM;

// What may stand in a region, in a word; "" if anything may.
export function constraintOf(name) {
  const one = task?.regions.find((it) => it.name === name);
  if (!one || kind(one) === "Everything") return "";
  if (kind(one) !== CUSTOM) return `${kind(one)} only`;
  return one.charset || one.pattern || one.pattern_in || (one.digits ? `${one.digits} digits` : "Numbers only");
}

export function release(name) {
  const place = task.regions.findIndex((it) => it.name === name);
  if (place >= 0) change({ regions: task.regions.map((it, number) => (number === place ? { ...it, ...FREE } : it)) });
}

// Shows the server's task; `states` say of each region what is wrong with it.
export function showTask(next, states) {
  task = next;
  which = Math.max(0, task.regions.findIndex((it) => it.name === chosen));
  show(find("whole"), Boolean(region().box));
  show(find("remove"), task.regions.length > 1);
  show(find("look"), task.ignored.length > 0);
  write(find("pause"), task.paused ? "Resume reading for everyone" : "Pause reading for everyone");
  listRegions();
  if (editing) return;
  const trouble = states[which];
  const wrong = trouble?.field === "pattern" && region().pattern_in ? "pattern_in" : trouble?.field;
  const preset = isCustom || wrong ? CUSTOM : kind(region());
  for (const radio of find("presets").querySelectorAll("input")) radio.checked = radio.value === preset;
  show(find("custom"), preset === CUSTOM);
  show(find("name").parentElement, task.regions.length > 1 || Boolean(region().name));
  for (const field of FIELDS) {
    const value = String(region()[field] ?? "");
    if (find(field).value !== value) find(field).value = value;
    refuse(field, field === wrong ? trouble.trouble : "");
  }
  find("never_falling").checked = region().never_falling;
}

function listRegions() {
  const names = task.regions.map((it) => it.name);
  show(find("which-row"), names.length > 1);
  const options = [...find("which").options].map((it) => it.textContent);
  if (JSON.stringify(options) !== JSON.stringify(names)) find("which").replaceChildren(...names.map((name) => make("option", { textContent: name })));
  find("which").selectedIndex = which;
}

// Says at a field why what stands there cannot be used.
function refuse(field, sentence) {
  say(find(`${field}-refusal`), sentence);
  find(field).setAttribute("aria-invalid", String(Boolean(sentence)));
}

// Whether the server took it. A refusal stands at its field, if it is about one.
async function change(wanted) {
  const { field, sentence } = await post(wanted);
  for (const one of FIELDS) refuse(one, one === field ? sentence : "");
  report("change", !sentence || FIELDS.includes(field) ? "" : `Nothing was changed. ${sentence}`);
  return !sentence;
}

async function post(wanted) {
  try {
    const answer = await fetch("task", { method: "POST", body: JSON.stringify(wanted) });
    const text = await answer.text();
    if (answer.ok) return {};
    return text.startsWith("{") ? JSON.parse(text) : { sentence: text };
  } catch {
    return { sentence: "The connection was lost: try again." };
  }
}

function changeRegion(changes) {
  return change({ regions: task.regions.map((it, number) => (number === which ? { ...it, ...changes } : it)) });
}

async function pick(name) {
  isCustom = name === CUSTOM;
  show(find("custom"), isCustom);
  editing = isCustom && editing;
  if (isCustom) find("charset").focus();
  else await changeRegion(PRESETS[name]);
}

// A number, null where the field is empty, or what was typed, which the server will refuse.
function typedNumber(field) {
  const typed = find(field).value.trim().replace(",", ".");
  const number = typed ? Number(typed) : null;
  return Number.isNaN(number) ? typed : number;
}

// A name that no region has.
function freeName() {
  let number = 1;
  while (task.regions.some((it) => it.name === `area-${number}`)) number += 1;
  return `area-${number}`;
}

async function addRegion() {
  const box = await choose(null);
  if (!box) return;
  const named = task.regions.map((it) => ({ ...it, name: it.name || "whole" }));
  const name = freeName();
  if (await change({ regions: [...named, { ...FREE, name, box }] })) chosen = name;
}

const actions = {
  choose: async () => { const box = await choose(region().box); if (box) changeRegion({ box }); },
  whole: () => changeRegion({ box: null }),
  add: addRegion,
  remove: () => change({ regions: task.regions.filter((_, number) => number !== which) }),
  ignore: async () => { const box = await choose(null); if (box) change({ ignored: [...task.ignored, box] }); },
  look: () => change({ ignored: [] }),
  pause: () => change({ paused: !task.paused }),
};
for (const [id, action] of Object.entries(actions)) {
  find(id).addEventListener("click", () => {
    find("more").open = false;
    if (task) action();
  });
}
find("which").addEventListener("change", () => {
  which = find("which").selectedIndex;
  chosen = region().name;
  editing = isCustom = false;
});
find("task").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = { never_falling: find("never_falling").checked };
  for (const field of TEXTS) wanted[field] = find(field).value;
  for (const field of NUMBERS) wanted[field] = typedNumber(field);
  editing = !await changeRegion(wanted);
  if (!editing) chosen = wanted.name;
});
