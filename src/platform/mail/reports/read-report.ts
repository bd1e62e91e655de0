import { readRecipientBlocks } from './delivery-status.js';
import { readRecipient } from './delivery-report.js';
import { flatten, readMessage, textOf, type Part } from './mime-parts.js';
import type { Report } from './report.js';
import { findReturned } from './returned-message.js';

const STATUS_TYPES = new Set(['message/delivery-status', 'message/global-delivery-status']);

/**
 * Reads a mail that came back: a bounce, a delay, a complaint, an automatic answer, or nothing of the kind. Never throws,
 * whatever the octets are, and its time and memory are bounded.
 */
export function readReport(raw: Buffer): Report {
  const message = readMessage(raw);
  const parts = flatten(message);
  const rest = findReturned(message, parts);
  const status = parts.find(({ type }) => STATUS_TYPES.has(type));
  if (status !== undefined) return { kind: 'delivery-status', recipients: readStatus(status), ...rest };
  return { kind: 'other', recipients: [], ...rest };
}

function readStatus(part: Part): Report['recipients'] {
  return readRecipientBlocks(textOf(part)).map(readRecipient);
}
