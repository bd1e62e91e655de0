import { escapeHtml } from '../../platform/text/escape-html.js';
import {
  fillPlaceholders,
  placeholder as platformPlaceholder,
  removePlaceholderMarks,
} from '../../platform/mail/mime/placeholder.js';

/** What differs from reader to reader in the HTML and text of a variant. */
export type PlaceholderValues = {
  unsubscribeUrl: string;
  manageUrl: string;
  email: string;
  /** In mails that were composed before there was `how`. */
  confirmedOn: string;
  /** How her address came to the newsletter, and when: what follows `email` in a sentence. */
  how: string;
  /** Once, to whom was brought from another product: that she was, as a paragraph; else empty. */
  moved: string;
  /** How often and when she is mailed. */
  rhythm: string;
};

/** What differs in the whole message, headers included. */
/** `unsubscribeMailbox`: what stands before the @ of the address that unsubscribes by mail. */
export type MessageValues = PlaceholderValues & { messageId: string; unsubscribeMailbox: string };

/** A placeholder that passes through the templates untouched. */
export function placeholder(name: keyof MessageValues): string {
  return platformPlaceholder(name);
}

/** Text of a publisher or a feed, without anything that could be taken for a placeholder. */
export function removePlaceholders<Value>(value: Value): Value {
  if (typeof value === 'string') return removePlaceholderMarks(value) as Value;
  if (Array.isArray(value)) return value.map(removePlaceholders) as Value;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, removePlaceholders(each)]),
  ) as Value;
}

export function fillText(text: string, values: PlaceholderValues): string {
  return fillPlaceholders(text, (name) => placeholderValue(values, name));
}

export function fillHtml(html: string, values: PlaceholderValues): string {
  return fillPlaceholders(html, (name) => escapeHtml(placeholderValue(values, name)));
}

function placeholderValue(values: PlaceholderValues, name: string): string {
  if (!Object.hasOwn(values, name))
    throw new Error(`A variant was rendered with an unknown placeholder: ${name}`);
  return values[name as keyof PlaceholderValues];
}
