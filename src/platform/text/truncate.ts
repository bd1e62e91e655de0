/**
 * Cuts text to at most `max` UTF-16 units, with `…`: after a word if that leaves at least half, otherwise after a
 * character.
 */
export function truncateText(text: string, max: number): string {
  if (text.length <= max) return text;
  const room = text.slice(0, Math.max(0, max - 1));
  const space = text.slice(0, room.length + 1).lastIndexOf(' ');
  const kept = space >= max / 2 ? room.slice(0, space) : truncateGraphemes(text, room.length);
  return `${kept.replace(/[\s,;:–—-]+$/, '')}…`;
}

/** Does not cut within a grapheme, such as an emoji of several code points. */
function truncateGraphemes(text: string, max: number): string {
  const window = text.slice(0, max + 64);
  let kept = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(window)) {
    if (kept.length + segment.length > max) break;
    kept += segment;
  }
  return kept;
}
