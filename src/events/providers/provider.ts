import { createHash } from 'node:crypto';
import { z } from 'zod';
import { providerIds, type ProviderId } from '../../platform/mail/smtp/providers.js';
import { toSafeText } from '../../platform/text/safe-text.js';
import { truncateText } from '../../platform/text/truncate.js';
import type { EventClass, EventScope, IncomingEvent } from '../event.js';

/** Companies that take our mail by SMTP and tell by webhook what became of it. */
export const providers = providerIds;
export type Provider = ProviderId;

/** How the requests of one provider are read. */
export type RequestReader = {
  /** The events in the JSON of a request; most providers send one. */
  items(content: unknown): unknown[];
  /**
   * What an item says; empty for a kind that says nothing of a delivery.
   * @throws for one that is not as the provider's documentation has it
   */
  read(item: unknown, receivedAt: Date): IncomingEvent[];
};

/** What a kind of event means, as far as the provider's name for it tells. */
export type KindMeaning = {
  class: EventClass;
  scope: EventScope;
  /** The words of the receiving server, which come with it, say it better where they are known. */
  asksWords?: true;
};

/** A row of a provider's table. */
export function meaning(eventClass: EventClass, scope: EventScope, asks?: 'words'): KindMeaning {
  return { class: eventClass, scope, ...(asks === 'words' && { asksWords: true }) };
}

/** The same for the same parts, and no address in it. */
export function eventKey(provider: Provider, ...parts: readonly unknown[]): string {
  return `${provider}:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
}

/** Text that a provider may leave out or send as null; with a limit, since it is compared or stored. */
export const optionalText = z.string().max(5000).nullish().catch(undefined);

/** More than an enhanced status and what a server says beside it. */
const MAX_REASON_LENGTH = 1000;

/** The words of a server or provider as one line; undefined where there are none. */
export function reasonText(...texts: readonly (string | null | undefined)[]): string | undefined {
  const words = texts.filter((text) => text !== null && text !== undefined && text.trim() !== '').join(' ');
  const line = toSafeText(words).replaceAll(/\s+/g, ' ').trim();
  return line === '' ? undefined : truncateText(line, MAX_REASON_LENGTH);
}

/** A moment from ISO 8601 or seconds since 1970. One that is missing or yet to come is when we heard of it. */
export function momentOf(value: string | number | null | undefined, receivedAt: Date): Date {
  if (value === null || value === undefined) return receivedAt;
  const moment = new Date(typeof value === 'number' ? value * 1000 : value);
  return moment <= receivedAt ? moment : receivedAt;
}
