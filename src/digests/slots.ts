/** What differs from reader to reader in a rendered variant. */
export type SlotValues = { unsubscribeUrl: string; email: string; confirmedOn: string };

const OPEN = '\uE000';
const CLOSE = '\uE001';
const anySlot = new RegExp(`${OPEN}(\\w+)${CLOSE}`, 'g');

/** A placeholder that passes through the templates untouched. */
export function slot(name: keyof SlotValues): string {
  return `${OPEN}${name}${CLOSE}`;
}

export function fillText(text: string, values: SlotValues): string {
  return text.replace(anySlot, (_, name: string) => valueOf(values, name));
}

export function fillHtml(html: string, values: SlotValues): string {
  return html.replace(anySlot, (_, name: string) => escapeHtml(valueOf(values, name)));
}

function valueOf(values: SlotValues, name: string): string {
  if (!(name in values)) throw new Error(`A variant was rendered with an unknown slot: ${name}`);
  return values[name as keyof SlotValues];
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
