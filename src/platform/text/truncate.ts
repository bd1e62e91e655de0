/** A line of text in at most `most` UTF-16 units: cut after a word where that keeps half of it, else after a whole character. */
export function truncateText(text: string, most: number): string {
  if (text.length <= most) return text;
  const room = text.slice(0, Math.max(0, most - 1));
  const space = text.slice(0, room.length + 1).lastIndexOf(' ');
  const kept = space >= most / 2 ? room.slice(0, space) : truncateGraphemes(text, room.length);
  return `${kept.replace(/[\s,;:–—-]+$/, '')}…`;
}

/** No emoji, accent or flag is torn. */
function truncateGraphemes(text: string, most: number): string {
  const window = text.slice(0, most + 64);
  let kept = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(window)) {
    if (kept.length + segment.length > most) break;
    kept += segment;
  }
  return kept;
}
