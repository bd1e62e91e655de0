const OPEN = '\uE000';
const CLOSE = '\uE001';
const ANY_PLACEHOLDER = new RegExp(`${OPEN}(\\w+)${CLOSE}`, 'g');
const ANY_MARK = new RegExp(`[${OPEN}${CLOSE}]`, 'g');

/** Marks a place in a text, to be filled with a value for each reader. */
export function placeholder(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** Splits a text at its placeholders: pieces at odd indexes are the placeholders' names. */
export function splitAtPlaceholders(text: string): string[] {
  return text.split(ANY_PLACEHOLDER);
}

export function fillPlaceholders(text: string, valueOf: (name: string) => string): string {
  return text.replace(ANY_PLACEHOLDER, (_, name: string) => valueOf(name));
}

export function hasPlaceholderMark(text: string): boolean {
  return text.includes(OPEN) || text.includes(CLOSE);
}

/** A text without the two characters that mark placeholders. */
export function removePlaceholderMarks(text: string): string {
  return text.replace(ANY_MARK, '');
}
