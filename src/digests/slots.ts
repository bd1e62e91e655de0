import { escapeHtml } from '../platform/escape-html.js';
import { fillSlots, slot as namedSlot, withoutSlotMarks } from '../platform/mail/slot.js';

/** What differs from reader to reader in the words of a variant. */
export type SlotValues = { unsubscribeUrl: string; manageUrl: string; email: string; confirmedOn: string };

/** And in the whole message. */
export type MessageValues = SlotValues & { messageId: string };

/** A placeholder that passes through the templates untouched. */
export function slot(name: keyof MessageValues): string {
  return namedSlot(name);
}

/** Words of a publisher or a feed, without anything that could be taken for a slot of ours. */
export function withoutSlots<Value>(value: Value): Value {
  if (typeof value === 'string') return withoutSlotMarks(value) as Value;
  if (Array.isArray(value)) return value.map(withoutSlots) as Value;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutSlots(each)])) as Value;
}

export function fillText(text: string, values: SlotValues): string {
  return fillSlots(text, (name) => valueOf(values, name));
}

export function fillHtml(html: string, values: SlotValues): string {
  return fillSlots(html, (name) => escapeHtml(valueOf(values, name)));
}

function valueOf(values: SlotValues, name: string): string {
  if (!Object.hasOwn(values, name)) throw new Error(`A variant was rendered with an unknown slot: ${name}`);
  return values[name as keyof SlotValues];
}
