/** What differs from reader to reader in a rendered variant. */
export type SlotValues = { unsubscribeUrl: string; email: string; confirmedOn: string };

const OPEN = '\uE000';
const CLOSE = '\uE001';
const anySlot = new RegExp(`${OPEN}(\\w+)${CLOSE}`, 'g');
const anyMark = new RegExp(`[${OPEN}${CLOSE}]`, 'g');

/** A placeholder that passes through the templates untouched. */
export function slot(name: keyof SlotValues): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** Words of a publisher or a feed, without anything that could be taken for a slot of ours. */
export function withoutSlots<Value>(value: Value): Value {
  if (typeof value === 'string') return value.replace(anyMark, '') as Value;
  if (Array.isArray(value)) return value.map(withoutSlots) as Value;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutSlots(each)])) as Value;
}

export function fillText(text: string, values: SlotValues): string {
  return text.replace(anySlot, (_, name: string) => valueOf(values, name));
}

export function fillHtml(html: string, values: SlotValues): string {
  return html.replace(anySlot, (_, name: string) => escapeHtml(valueOf(values, name)));
}

function valueOf(values: SlotValues, name: string): string {
  if (!Object.hasOwn(values, name)) throw new Error(`A variant was rendered with an unknown slot: ${name}`);
  return values[name as keyof SlotValues];
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
