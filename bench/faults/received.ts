import { OWNER_ADDRESS } from '../seed/owner.js';
import type { CountingSink, Received } from '../support/sink/sinks.js';

/** What the mail server has taken: readers by address, how many mails they are, and how many alerts the owner got. */
export type ReceivedMail = { readers: Map<string, Received>; mails: number; alerts: number };

export async function readReceived({ sink }: { sink: CountingSink }): Promise<ReceivedMail> {
  const readers = await sink.recipients();
  const alerts = readers.get(OWNER_ADDRESS)?.count ?? 0;
  readers.delete(OWNER_ADDRESS);
  return { readers, alerts, mails: [...readers.values()].reduce((sum, { count }) => sum + count, 0) };
}

/** Readers who got a mail of one digest more than once: it has the same Message-ID in every attempt. */
export function countDoubled(readers: ReadonlyMap<string, Received>): number {
  return [...readers.values()].filter(({ count, messageIds }) => count > messageIds).length;
}
