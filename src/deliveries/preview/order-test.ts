import type { Operator } from '../../operators/operator.js';
import { listPublicationOperators } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Publication } from '../../publications/publication.js';
import { listTestMails } from './reads.js';
import type { PreviewSource, ReaderKind } from './source.js';
import type { TestMail } from './test-mail.js';
import { deleteTestMailsBefore, insertTestMail, lockTestsOf } from './writes.js';

/** Enough to try a mail until it is right, and too few to harm anybody. */
export const MAX_TESTS_AN_HOUR = 20;

/** To an address of which nobody has shown yet that mail to it arrives at whoever signs in with it. */
export const MAX_UNCONFIRMED_TESTS_AN_HOUR = 3;

export type TestOrdered =
  | { kind: 'ordered'; id: string }
  /** `most`: so many within an hour. */
  | { kind: 'too-many'; most: number }
  /** Somebody else's address, and not one that an operator of the publication has confirmed. */
  | { kind: 'unknown-recipient' };

type TestOrder = {
  publication: Publication;
  operator: Operator;
  /** Undefined: she herself. */
  recipientId: string | undefined;
  source: PreviewSource;
  as: ReaderKind;
};

/**
 * An operator wants to see a mail in an inbox: a digest, or the one that is to come. It is marked as a test, and is counted
 * nowhere. To her own address it goes even before she has confirmed it, since nothing before the first test needs mail that works.
 */
export async function orderTest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { publication, operator, recipientId = operator.id, source, as }: TestOrder,
): Promise<TestOrdered> {
  const recipients = await listTestRecipients(db, publication.id, operator);
  const recipient = recipients.find(({ id }) => id === recipientId);
  if (recipient === undefined) return { kind: 'unknown-recipient' };
  const most = recipient.emailConfirmedAt === null ? MAX_UNCONFIRMED_TESTS_AN_HOUR : MAX_TESTS_AN_HOUR;
  return db.transaction(async (tx) => {
    await lockTestsOf(tx, operator.id);
    const since = new Date(now().getTime() - HOUR_MS);
    const before = await listTestMails(tx, { operatorId: operator.id, since, limit: most });
    if (before.length >= most) return { kind: 'too-many', most };
    const digestId = source.kind === 'digest' ? source.digestId : null;
    const coming = source.kind === 'coming' ? source.coming : null;
    const draftId = source.kind === 'draft' ? source.draftId : null;
    const shown = { digestId, coming, draftId };
    const row = { publicationId: publication.id, operatorId: operator.id, recipientId, ...shown };
    const { id } = await insertTestMail(tx, { ...row, kind: as }, now());
    await enqueue(tx, 'send-test', { testId: id }, now());
    return { kind: 'ordered', id };
  });
}

/** Whom she can send a test: herself, and the other operators of the publication whose addresses are confirmed. */
export async function listTestRecipients(
  db: Context['db'],
  publicationId: string,
  operator: Operator,
): Promise<Operator[]> {
  const all = await listPublicationOperators(db, publicationId);
  const others = all.filter(({ id, emailConfirmedAt }) => id !== operator.id && emailConfirmedAt !== null);
  return [operator, ...others];
}

/** After this, one that is still being sent was lost with its worker. */
const MAX_SENDING_MS = 10 * MINUTE_MS;

/** How the newest test stands that an operator asked for at a publication; undefined: there was none within the hour. */
export async function findLastTest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  operatorId: string,
  publicationId: string,
): Promise<TestMail | undefined> {
  const since = new Date(now().getTime() - HOUR_MS);
  const tests = await listTestMails(db, { operatorId, since, limit: MAX_TESTS_AN_HOUR });
  const test = tests.find((each) => each.publicationId === publicationId);
  const isLost = test?.state === 'sending' && now().getTime() - test.updatedAt.getTime() > MAX_SENDING_MS;
  return test && isLost ? { ...test, state: 'uncertain' } : test;
}

/** Tests are of no use after a week. */
export async function purgeTestMails({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - 7 * DAY_MS);
  await db.transaction((tx) => deleteTestMailsBefore(tx, before));
}
