import type { Tx } from '../../platform/db/database.js';
import type { Candidates } from './candidates.js';
import {
  listDeliveriesByIds,
  listDeliveriesByNumber,
  listNoticesByIds,
  type SentDelivery,
  type SentNotice,
} from './reads.js';

/** The mail that an event is about. `isOver`: its return path counts no more. */
export type FoundMail = { mail: SentDelivery | SentNotice; isOver: boolean };

/** Finds the mail of each of these; undefined where there is none. The return path is asked first. */
export async function findMails(tx: Tx, all: readonly Candidates[]): Promise<(FoundMail | undefined)[]> {
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
      if (mail !== undefined && !(isOver && messageIds.length > 0)) return { mail, isOver };
    }
    for (const { scope, subject } of messageIds) {
      const mail = byIds.get(`${scope} ${subject}`) ?? notices.get(subject);
      if (mail !== undefined) return { mail, isOver: false };
    }
    return undefined;
  });
}

function keyed<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
