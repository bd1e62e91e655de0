import type { Tx } from '../../platform/db/database.js';
import type { NamedEvent } from './named-event.js';
import { listMailsByProviderId, type SentDelivery, type SentNotice } from './reads.js';

/** What the provider called a mail names it where the webhook proves that the provider says so; undefined: it does not, or of none. */
export async function findByProviderId(
  tx: Tx,
  events: readonly NamedEvent[],
): Promise<(SentDelivery | SentNotice | undefined)[]> {
  const asked = events.map(toAsked);
  const known = asked.flatMap((each) => (each === undefined ? [] : [each]));
  if (known.length === 0) return asked.map(() => undefined);
  const rows = await listMailsByProviderId(tx, known);
  const byPlace = new Map(rows.map((row) => [row.place - 1, row]));
  return asked.map((each) => toMail(each && byPlace.get(known.indexOf(each))));
}

function toAsked({ event: { match, isAuthenticated }, recipientKey }: NamedEvent) {
  const { providerMessageId } = match;
  if (!isAuthenticated || recipientKey === undefined || providerMessageId === undefined) return undefined;
  return { emailKey: recipientKey, providerMessageId };
}

function toMail(
  row: Awaited<ReturnType<typeof listMailsByProviderId>>[number] | undefined,
): SentDelivery | SentNotice | undefined {
  if (row === undefined || row.subscriptionId === null) return undefined;
  const { place: _, digestId, noticeId, kind, ...mail } = row;
  const { subscriptionId } = row;
  if (digestId !== null) return { ...mail, subscriptionId, digestId };
  return noticeId === null || kind === null ? undefined : { ...mail, noticeId, kind };
}
