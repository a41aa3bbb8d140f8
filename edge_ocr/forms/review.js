// Each doubtful answer beside its picture; Enter keeps it and goes on to the next.

import { ask, find, say } from "./asking.js";

let kept = 0;
let count = 0;

async function keep(card, number, value) {
  try {
    await ask("answer", { number, value });
  } catch (error) {
    say(error.message, true);
    return;
  }
  if (!card.classList.contains("done")) kept += 1;
  card.classList.add("done");
  say(`${kept} of ${count} are kept`);
  const next = card.nextElementSibling && card.nextElementSibling.querySelector("input, button");
  (next || find("end")).focus();
}

function textInput(card, number, value) {
  const input = document.createElement("input");
  input.value = value;
  input.spellcheck = false;
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") keep(card, number, input.value); });
  return [input];
}

function markButtons(card, number, value) {
  return [true, false].map((mark) => {
    const button = document.createElement("button");
    button.textContent = mark ? "Yes" : "No";
    button.setAttribute("aria-pressed", String(mark === value));
    button.addEventListener("click", () => keep(card, number, mark));
    return button;
  });
}

function makeCard(answer, number) {
  const [card, picture, side, what, doubt] = ["article", "img", "div", "p", "p"].map((tag) => document.createElement(tag));
  picture.src = `crop-${number}.jpg`;
  picture.alt = `${answer.field} on ${answer.picture}`;
  what.textContent = `${answer.field} · ${answer.picture}`;
  doubt.textContent = answer.doubt;
  doubt.className = "doubt";
  const parts = typeof answer.value === "boolean" ? markButtons : textInput;
  const inputs = parts(card, number, answer.value);
  for (const input of inputs) if (input.tagName === "INPUT") input.setAttribute("aria-label", answer.field);
  side.append(what, ...inputs, doubt);
  card.append(picture, side);
  return card;
}

find("end").addEventListener("click", async () => {
  try {
    await ask("end", {});
    say("the answers are given out; you may close this page");
    find("end").disabled = true;
  } catch (error) {
    say(error.message, true);
  }
});

async function load() {
  const answers = await (await fetch("answers.json")).json();
  count = answers.length;
  find("answers").replaceChildren(...answers.map(makeCard));
  say(`${count} to look at`);
  const first = document.querySelector("article input, article button");
  if (first) first.focus();
}
load();
