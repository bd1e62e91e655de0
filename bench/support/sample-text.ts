const vocabulary = (
  'ferry harbour lantern market bridge council teacher window morning garden orchard letter station river ' +
  'signal bakery weather archive village engine library season number careful northern quiet early printed ' +
  'careless second public wooden narrow local across between under after while because carried opened asked ' +
  'mended counted answered measured remembered noticed the a of and to in for with on that'
).split(' ');

/** Sentences that are the same on every machine: about `length` characters of text, a paragraph every few sentences. */
export function writeText(seed: number, length: number): string {
  const next = seededRandom(seed);
  const sentences: string[] = [];
  for (let written = 0; written < length;) {
    const sentence = writeSentence(next);
    sentences.push(sentence);
    written += sentence.length + 1;
  }
  return sentences.join(' ');
}

/** The same as HTML paragraphs of four sentences. */
export function writeHtml(seed: number, length: number): string {
  const sentences = writeText(seed, length).split(/(?<=\.) /);
  const paragraphs = sentences.flatMap((_, at) =>
    at % 4 === 0 ? [`<p>${sentences.slice(at, at + 4).join(' ')}</p>`] : [],
  );
  return paragraphs.join('\n');
}

export function writeTitle(seed: number): string {
  return writeSentence(seededRandom(seed)).slice(0, 60).trimEnd();
}

/** Some letters beyond ASCII, as any language but English has them. */
function writeSentence(next: () => number): string {
  const words = Array.from(
    { length: 8 + Math.floor(next() * 10) },
    () => vocabulary[Math.floor(next() * vocabulary.length)],
  );
  const joined = words.join(' ') + (next() < 0.3 ? ' – café' : '');
  return `${joined.charAt(0).toUpperCase()}${joined.slice(1)}.`;
}

/** A small generator of numbers from 0 to 1 (mulberry32): what is measured must not depend on chance. */
function seededRandom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
