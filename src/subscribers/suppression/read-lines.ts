/** A line of a text file, by its number from 1; without `text` one that cannot be read, and why. */
export type TextLine = { number: number } & ({ text: string } | { mistake: 'too-long' | 'not-text' });

/** Longer than any line of addresses that a program writes: more of a line is not held. */
const MAX_LINE_BYTES = 8192;

const LINE_FEED = 10;

/** Lines of UTF-8, held one at a time. What is no UTF-8, or too long, is named by its number, and the rest is read. */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  let number = 0;
  let pieces: Uint8Array[] = [];
  let size = 0;
  const finish = (): TextLine => {
    const line = toLine(++number, pieces, size);
    pieces = [];
    size = 0;
    return line;
  };
  const hold = (piece: Uint8Array) => {
    size += piece.length;
    if (size <= MAX_LINE_BYTES) pieces.push(piece);
  };
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      hold(chunk.subarray(from, at));
      yield finish();
      from = at + 1;
    }
    if (from < chunk.length) hold(chunk.subarray(from));
  }
  if (size > 0) yield finish();
}

function toLine(number: number, pieces: readonly Uint8Array[], size: number): TextLine {
  if (size > MAX_LINE_BYTES) return { number, mistake: 'too-long' };
  try {
    return { number, text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)) };
  } catch {
    return { number, mistake: 'not-text' };
  }
}
