import type { Tx } from '../../platform/db/database.js';
import type { Candidates } from './candidates.js';
import { DAY_MS } from '../../platform/durations.js';
import { lowestUuidAt } from '../../platform/uuid.js';
import {
  listDeliveriesByIds,
  listDeliveriesByNumber,
  listDeliveriesByProviderId,
  listNoticesByIds,
  listNoticesByProviderId,
  type SentDelivery,
  type SentNotice,
} from './reads.js';

/** The mail that an event is about. `isOver`: its return path counts no more. */
export type FoundMail = {
  mail: SentDelivery | SentNotice;
  by: 'return-path' | 'message-id' | 'provider-id';
  isOver: boolean;
};

/** Finds the mail of each of these; undefined where there is none. What is signed is asked first, and its return path before all. */
export async function findMails(
  tx: Tx,
  all: readonly Candidates[],
  now: Date,
): Promise<(FoundMail | undefined)[]> {
  const found = await findSigned(tx, all);
  const asked = all.flatMap(({ byProvider }, at) =>
    found[at] === undefined && byProvider !== undefined ? [byProvider] : [],
  );
  const named = await findByProviderId(tx, asked, now);
  return all.map(
    ({ byProvider }, at) => found[at] ?? (byProvider && named.get(byProvider.providerMessageId)),
  );
}

/** Readers mark as spam what they open weeks later. */
const PROVIDER_ID_LIFETIME_MS = 30 * DAY_MS;

async function findByProviderId(
  tx: Tx,
  asked: readonly { providerMessageId: string; emailKey: string }[],
  now: Date,
): Promise<Map<string, FoundMail>> {
  const since = new Date(now.getTime() - PROVIDER_ID_LIFETIME_MS);
  const mails = [
    ...(await listNoticesByProviderId(tx, asked, since)),
    ...(await listDeliveriesByProviderId(tx, asked, lowestUuidAt(since))),
  ];
  return new Map(
    mails.map(({ providerMessageId, ...mail }) => [
      providerMessageId,
      { mail, by: 'provider-id', isOver: false },
    ]),
  );
}

async function findSigned(tx: Tx, all: readonly Candidates[]): Promise<(FoundMail | undefined)[]> {
  const claims = all.flatMap(({ returnPath }) => (returnPath === undefined ? [] : [returnPath.claims]));
  const ids = all.flatMap(({ messageIds }) => messageIds);
  const byNumber = keyed(
    await listDeliveriesByNumber(
      tx,
      claims.flatMap((each) => (each.kind === 'delivery' ? [each] : [])),
    ),
    ({ batch, subscription }) => `${batch} ${subscription}`,
  );
  const byIds = keyed(
    await listDeliveriesByIds(
      tx,
      ids.map(({ scope, subject }) => ({ digestId: scope, subscriptionId: subject })),
    ),
    ({ digestId, subscriptionId }) => `${digestId} ${subscriptionId}`,
  );
  const noticeIds = [
    ...claims.flatMap((each) => (each.kind === 'notice' ? [each.noticeId] : [])),
    ...ids.map(({ subject }) => subject),
  ];
  const notices = keyed(await listNoticesByIds(tx, noticeIds), ({ noticeId }) => noticeId);
  return all.map(({ returnPath, messageIds }) => {
    if (returnPath !== undefined) {
      const { claims: each, isOver } = returnPath;
      const mail =
        each.kind === 'notice'
          ? notices.get(each.noticeId)
          : byNumber.get(`${each.batch} ${each.subscription}`);
      if (mail !== undefined && !(isOver && messageIds.length > 0))
        return { mail, by: 'return-path', isOver };
    }
    for (const { scope, subject } of messageIds) {
      const mail = byIds.get(`${scope} ${subject}`) ?? notices.get(subject);
      if (mail !== undefined) return { mail, by: 'message-id', isOver: false };
    }
    return undefined;
  });
}

function keyed<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
