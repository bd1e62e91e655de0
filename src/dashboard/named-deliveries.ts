import { deliveryStates, type DeliveryCounts, type DeliveryState } from '../deliveries/delivery.js';
import { listBatchesToSearch } from '../deliveries/batches-to-search.js';
import { describeAnswer } from '../deliveries/skip-reason.js';
import type { Context } from '../platform/context.js';
import { redactAddresses } from '../platform/text/redact.js';
import { maskAddress } from '../subscribers/address.js';
import { listDeliveriesWithReaders, type DeliveryWithReader } from './reads.js';

/** One mail of a digest, for an operator: whose it is, and what the mail server said. */
export type NamedDelivery = {
  subscription: string;
  /** Null: she was erased. */
  email: string | null;
  /** The mail was for another address, which she has changed since. */
  hasMoved: boolean;
  state: DeliveryState;
  attempt: number;
  /** The server's last words, or why it was not sent; null before there is either. */
  answer: string | null;
  nextAttemptAt: Date | null;
  updatedAt: Date;
};

/** `nextCursor`: the id after which the next page begins; null: there is none. */
export type NamedDeliveryPage = { deliveries: NamedDelivery[]; nextCursor: string | null };

type Reads = Pick<Context, 'db' | 'hashAddress'>;

/** One page of a digest's mails in one state. */
export async function readNamedDeliveries(
  context: Reads,
  where: { digestId: string; state: DeliveryState; before: string | undefined; limit: number },
): Promise<NamedDeliveryPage> {
  const page = { ...where, limit: where.limit + 1 };
  const batches = await listBatchesToSearch(context.db, page);
  const rows = await listDeliveriesWithReaders(context.db, { ...page, batches });
  const shown = rows.slice(0, where.limit);
  return {
    deliveries: shown.map((row) => toNamedDelivery(context, row)),
    nextCursor: rows.length > shown.length ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** The first of a digest's mails in each state, in the order of the states. */
export async function readFirstDeliveries(
  context: Reads,
  digest: { id: string; counts: DeliveryCounts },
  limitPerState: number,
): Promise<NamedDelivery[]> {
  const found: NamedDelivery[] = [];
  for (const state of deliveryStates.filter((one) => digest.counts[one] > 0)) {
    const where = { digestId: digest.id, state, before: undefined, limit: limitPerState };
    found.push(...(await readNamedDeliveries(context, where)).deliveries);
  }
  return found;
}

/** For whoever may see no address of a reader: only its domain, and no address in the server's words. */
export function maskDelivery(delivery: NamedDelivery): NamedDelivery {
  const { email, answer } = delivery;
  return { ...delivery, email: email && maskAddress(email), answer: answer && redactAddresses(answer) };
}

function toNamedDelivery({ hashAddress }: Reads, row: DeliveryWithReader): NamedDelivery {
  const { id, email, emailKey, addressHash, state, attempt, nextAttemptAt, updatedAt } = row;
  const isKnown = email !== null && emailKey !== null && addressHash !== null;
  return {
    subscription: id,
    email,
    hasMoved: isKnown && !hashAddress(emailKey).equals(addressHash),
    state,
    attempt,
    answer: describeAnswer(row),
    nextAttemptAt,
    updatedAt,
  };
}
