// What both pages of forms share: they find, say and ask.

export const find = (id) => document.getElementById(id);

// Says how things stand; what is wrong stands out.
export function say(sentence, isWrong) {
  find("status").textContent = sentence;
  find("status").classList.toggle("doubtful", Boolean(isWrong));
}

// Sends something to edge-ocr; throws an error with a sentence for the reader.
export async function ask(path, given) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body: JSON.stringify(given) });
  } catch {
    throw new Error("edge-ocr has ended: start it again");
  }
  if (!answer.ok) throw new Error(await answer.text());
}
