const OPEN = '\uE000';
const CLOSE = '\uE001';
const ANY_PLACEHOLDER = new RegExp(`${OPEN}(\\w+)${CLOSE}`, 'g');
const ANY_MARK = new RegExp(`[${OPEN}${CLOSE}]`, 'g');

/** A place in words that are otherwise the same for every reader. */
export function placeholder(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** Words cut at their slots: every second piece, the first one not, is the name of a slot. */
export function splitAtPlaceholders(words: string): string[] {
  return words.split(ANY_PLACEHOLDER);
}

export function fillPlaceholders(words: string, valueOf: (name: string) => string): string {
  return words.replace(ANY_PLACEHOLDER, (_, name: string) => valueOf(name));
}

export function hasPlaceholderMark(words: string): boolean {
  return words.includes(OPEN) || words.includes(CLOSE);
}

/** Without anything that could be taken for a slot, or become one. */
export function removePlaceholderMarks(words: string): string {
  return words.replace(ANY_MARK, '');
}
