// The page's elements. All text goes in as text, never as HTML.

export const find = (id) => document.getElementById(id);

// Makes an element with properties and children.
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Sets an element's text only if it differs: screen readers repeat it each time it is set.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, isShown) {
  element.hidden = !isShown;
}

// Shows a sentence, or hides its place if there is none.
export function say(element, sentence) {
  write(element, sentence || "");
  show(element, Boolean(sentence));
}

// Seconds since 1970 as a time of day, with the day if it is another one than today.
export function clock(seconds, withSeconds = false) {
  const when = new Date(1000 * seconds);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: withSeconds ? "2-digit" : undefined });
  return when.toDateString() === new Date().toDateString() ? time : `${when.toLocaleDateString()} ${time}`;
}

export const percent = (confidence) => `${Math.round(100 * confidence)} %`;
export const level = (confidence) => (confidence >= 0.9 ? "sure" : confidence >= 0.6 ? "likely" : "unsure");
