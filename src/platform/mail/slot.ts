const OPEN = '\uE000';
const CLOSE = '\uE001';
const anySlot = new RegExp(`${OPEN}(\\w+)${CLOSE}`, 'g');
const anyMark = new RegExp(`[${OPEN}${CLOSE}]`, 'g');

/** A place in words that are otherwise the same for every reader. */
export function slot(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** Words cut at their slots: every second piece, the first one not, is the name of a slot. */
export function cutAtSlots(words: string): string[] {
  return words.split(anySlot);
}

export function fillSlots(words: string, valueOf: (name: string) => string): string {
  return words.replace(anySlot, (_, name: string) => valueOf(name));
}

export function hasSlotMark(words: string): boolean {
  return words.includes(OPEN) || words.includes(CLOSE);
}

/** Without anything that could be taken for a slot, or become one. */
export function withoutSlotMarks(words: string): string {
  return words.replace(anyMark, '');
}
