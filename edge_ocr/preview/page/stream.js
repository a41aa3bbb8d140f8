// The server's messages: each a picture with its own boxes, or a new state, or both.

const SILENT_MS = 6000;  // without a message for so long, the connection is dead: the server sends five a second

export class Refused extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

// Yields {picture, state, jpeg}, each undefined or null where the message has none. Throws when the connection ends.
export async function* messages(controller) {
  let alarm = setTimeout(() => controller.abort(), SILENT_MS);
  const answer = await fetch("frames", { signal: controller.signal });
  if (!answer.ok) throw new Refused(answer.status);
  const take = taker(answer.body.getReader());
  try {
    for (;;) {
      const lengths = new DataView((await take(8)).buffer);
      const head = await take(lengths.getUint32(0));
      const jpeg = await take(lengths.getUint32(4));
      clearTimeout(alarm);
      alarm = setTimeout(() => controller.abort(), SILENT_MS);
      yield { ...JSON.parse(new TextDecoder().decode(head)), jpeg: jpeg.length ? jpeg : null };
    }
  } finally {
    clearTimeout(alarm);
    controller.abort();
  }
}

// A function that gives the next bytes of a stream, as many as it is asked for.
function taker(reader) {
  let kept = new Uint8Array(0);
  return async (count) => {
    const parts = [kept];
    let length = kept.length;
    while (length < count) {
      const { done, value } = await reader.read();
      if (done) throw new Error("the connection ended");
      parts.push(value);
      length += value.length;
    }
    const all = parts.length > 1 ? new Uint8Array(await new Blob(parts).arrayBuffer()) : kept;
    kept = all.subarray(count);
    return all.slice(0, count);
  };
}
