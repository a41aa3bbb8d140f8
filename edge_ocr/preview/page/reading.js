// The texts: of each region what was confirmed last and what is seen now, and the history of all.

import { clock, find, level, make, percent, say, show, write } from "./elements.js";
import { AREAS } from "./drawing.js";

const SHOWN = 100;  // newest entries of the history on the page; the files hold all

const cards = new Map();  // name of a region -> its elements and what they show
let listed = -1;          // revision of the history that is shown

// Shows every region; `constraintOf` says in a word what may stand there, `release` lifts that.
export function showRegions(regions, constraintOf, release, isFrozen) {
  const names = regions.map((region) => region.name);
  if (JSON.stringify(names) !== JSON.stringify([...cards.keys()])) {
    cards.clear();
    names.forEach((name, number) => cards.set(name, card(name, number, names.length, release)));
    find("regions").replaceChildren(...[...cards.values()].map((it) => it.root));
  }
  for (const region of regions) fill(cards.get(region.name), region, constraintOf(region.name), isFrozen);
}

function card(name, number, count, release) {
  const it = {
    heading: make("h2", { textContent: name || "Text" }),
    constraint: make("button", { type: "button", className: "chip constraint", onclick: () => release(name) }),
    when: make("span", { className: "when" }),
    confirmed: make("pre", { className: "text" }),
    copy: make("button", { type: "button", textContent: "Copy", onclick: () => copy(it) }),
    note: make("p", { className: "soft", hidden: true }),
    now: make("span", { className: "text" }),
    seen: null,
  };
  it.confirmed.setAttribute("aria-live", "polite");
  const swatch = count > 1 ? [make("span", { className: "swatch" })] : [];
  for (const mark of swatch) mark.style.background = AREAS[number % AREAS.length];
  it.root = make("article", { className: "region" },
    make("header", {}, ...swatch, it.heading, it.constraint, it.when), it.confirmed,
    make("div", {}, it.copy, it.note), make("p", { className: "now" }, make("b", { textContent: "Now" }), it.now));
  return it;
}

function fill(it, region, constraint, isFrozen) {
  const last = region.confirmed;
  it.constraint.title = "Read everything again, for everyone";
  say(it.constraint, constraint && `${constraint} ✕`);
  write(it.confirmed, last ? last.text : "");
  it.confirmed.classList.toggle("gone", Boolean(last?.until));
  it.copy.disabled = !last;
  write(it.when, !last ? "Nothing confirmed yet"
    : `${last.until ? "removed" : "last confirmed"} ${clock(last.until ?? last.time, true)} · ${percent(last.confidence)}`);
  const seen = JSON.stringify(region.now);
  if (isFrozen || seen === it.seen) return;
  it.seen = seen;
  it.now.replaceChildren(...(region.now.length ? words(region.now) : ["nothing"]));
}

function words(lines) {
  return lines.flatMap((line, number) => [
    ...(number ? ["\n"] : []),
    ...line.words.flatMap((word, place) => [
      ...(place ? [" "] : []),
      make("span", { className: level(word.confidence), textContent: word.text, title: percent(word.confidence) }),
    ]),
  ]);
}

// Browsers give pages a clipboard only on this machine or over https.
async function copy(it) {
  const done = await copied(it.confirmed);
  say(it.note, done ? "" : "This browser does not let pages copy: the text is selected, copy it with the keyboard or the menu.");
  if (!done) return;
  write(it.copy, "Copied");
  setTimeout(() => write(it.copy, "Copy"), 1200);
}

async function copied(element) {
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

// Fetches the history if it has changed. Throws if it does not come.
export async function followHistory(revision) {
  if (revision === listed) return;
  const answer = await fetch("history.json");
  if (!answer.ok) throw new Error(await answer.text());
  const entries = (await answer.json()).reverse().slice(0, SHOWN);
  find("history").replaceChildren(...entries.map(item));
  show(find("no-history"), !entries.length);
  listed = revision;
}

export function forgetHistory() {
  listed = -1;  // It may be another run with as many texts.
}

function item(entry) {
  const ends = entry.until ? ` – ${clock(entry.until, true)} ${entry.ended}` : "";
  const facts = [`${clock(entry.time, true)}${ends}`, entry.region, percent(entry.confidence)].filter(Boolean).join(" · ");
  return make("li", {}, make("img", { src: `history/${entry.number}.jpg`, alt: "", loading: "lazy" }),
    make("p", {}, make("span", { className: "soft", textContent: facts }), entry.text));
}
