// Follows the server and shows what it says: the picture, the texts, what to do, and how it is.

import { clock, find, make, say, show, write } from "./elements.js";
import * as drawing from "./drawing.js";
import { Refused, messages } from "./stream.js";
import { constraintOf, release, reportTo, showTask } from "./task.js";
import { followHistory, forgetHistory, showRegions } from "./reading.js";

const AGAIN_MS = 3000;  // wait before what failed is tried again
const STATUS = { reading: "Reading", paused: "Reading is paused", lost: "Camera lost", waiting: "Waiting for the camera" };
const UNITS = { rate: "pictures a second", temperature: "°C" };

const troubles = {};       // sentences on what goes wrong at present, by what was tried
let isFrozen = false;      // whether this viewer holds the picture still
let fetching = false;      // whether the history is on its way
let controller = null;     // ends the connection
let away = null;           // since when there is no connection, in seconds since 1970

function report(what, sentence) {
  troubles[what] = sentence;
  say(find("trouble"), Object.values(troubles).filter(Boolean).join("\n"));
}
reportTo(report);

function statusOf(state) {
  if (state.status === "lost") return `Camera lost since ${clock(state.since)}`;
  if (state.status === "resting") return `Resting, next reading at ${clock(state.until, state.until - Date.now() / 1000 < 120)}`;
  return STATUS[state.status];
}

function showState(state) {
  write(find("status"), statusOf(state));
  find("light").className = state.status;
  write(find("rate"), state.status === "reading" ? `${state.diagnostics.rate.toFixed(1)}/s` : "");
  const isOld = state.status === "lost" || state.status === "waiting";
  find("stage").classList.toggle("stale", isOld);
  say(find("veil"), state.status === "lost" ? `No picture since ${clock(state.since)}. Check the camera's cable or network.` : "");
  if (isOld) drawing.clear();
  say(find("advice"), state.status === "paused" ? "Reading is paused for everyone. “More” resumes it." : state.advice?.sentence);
  report("reading", state.regions.some((region) => region.field) ? "" : state.trouble);
  drawing.follow(state.task);
  showTask(state.task, state.regions);
  showRegions(state.regions, constraintOf, release, isFrozen);
  if (find("diagnostics").open) showFigures(state.diagnostics);
  updateHistory(state.history);
}

function showFigures({ stages, counts, ...rest }) {
  const rows = Object.entries(rest).filter(([, value]) => value !== null).map(([name, value]) => [UNITS[name] ?? name, value]);
  for (const [name, ms] of Object.entries(stages)) rows.push([name, `${ms} ms`]);
  rows.push(...Object.entries(counts));
  find("figures").replaceChildren(...rows.flatMap(([name, value]) => [
    make("dt", { textContent: name }), make("dd", { textContent: typeof value === "number" ? Math.round(10 * value) / 10 : value }),
  ]));
}

async function updateHistory(revision) {
  if (fetching) return;
  fetching = true;
  try {
    await followHistory(revision);
    report("history", "");
    fetching = false;
  } catch {
    report("history", "The history could not be fetched: the connection was lost, trying again.");
    setTimeout(() => { fetching = false; }, AGAIN_MS);
  }
}

async function follow() {
  controller = new AbortController();
  for await (const { picture, state, jpeg } of messages(controller)) {
    if (away !== null) {
      away = null;
      report("connection", "");
    }
    try {
      if (picture && !isFrozen) drawing.take(picture, jpeg);
      if (state) showState(state);
    } catch (error) {
      fail(error);  // The server is well, so it is followed on.
    }
  }
}

// A fault of this page itself, which no other connection would mend.
function fail(error) {
  console.error(error);
  report("page", `This page has a fault of its own (${error.message}); edge-ocr reads on. Reload the page.`);
}
addEventListener("error", (event) => { if (event.error) fail(event.error); });
addEventListener("unhandledrejection", (event) => fail(event.reason));

// Boxes and texts of a server that does not answer are of the past.
function lose(error) {
  away ??= Date.now() / 1000;
  drawing.clear();
  find("stage").classList.add("stale");
  find("light").className = "lost";
  write(find("status"), `No connection since ${clock(away)}`);
  write(find("rate"), "");
  say(find("advice"), "");
  document.querySelectorAll(".now .text").forEach((now) => write(now, "nothing"));
  const isFull = error instanceof Refused && error.status === 503;
  report("connection", isFull ? "Too many viewers look at this camera. Trying again."
    : `edge-ocr has not answered since ${clock(away)}. Check that it runs and that this device has network. Trying again.`);
}

async function connect() {
  for (;;) {
    forgetHistory();
    try {
      await follow();
    } catch (error) {
      console.debug(error);
      if (error instanceof Refused && error.status === 401) location.reload();
      if (!document.hidden) lose(error);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, AGAIN_MS);
      document.addEventListener("visibilitychange", resolve, { once: true });
    });
    while (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

find("freeze").addEventListener("click", () => {
  isFrozen = !isFrozen;
  write(find("freeze"), isFrozen ? "Resume view" : "Pause view");
});
// Nobody looks: the board has better things to do than to encode pictures.
document.addEventListener("visibilitychange", () => { if (document.hidden) controller?.abort(); });
document.addEventListener("click", (event) => {
  for (const popup of document.querySelectorAll(".popup[open]")) if (!popup.contains(event.target)) popup.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const popup of document.querySelectorAll(".popup[open]")) popup.open = false;
});
connect();
