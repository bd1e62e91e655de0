import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { previewReader } from '../../../src/deliveries/plan/preview-reader.js';
import { claimIdempotencyKey } from '../../../src/operators/idempotency-keys.js';
import { createToken } from '../../../src/operators/api-token.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { eraseSubscription } from '../../../src/subscribers/erase/erase.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import {
  requestConfirmLink,
  createConfirmedReader,
  lastMail,
  linkIn,
  readMails,
  open,
  post,
  signUp,
  subscriptionOf,
} from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReader,
  resetTestApp,
  advanceAndRunJobs,
  reloadReader,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { undoUnsubscribe } from '../../../src/subscribers/leave/restore-subscription.js';
import { isErased, isSuppressed } from '../../../src/subscribers/suppression/reads.js';
import { DAY_MS } from '../../../src/platform/durations.js';

const email = 'zadie@example.com';

let house: TestApp;
let publication: Publication;

beforeAll(async () => {
  house = await openTestApp();
});
afterAll(() => house.close());
beforeEach(async () => {
  await resetTestApp(house);
  publication = await house.createPublication();
});

const hash = () => house.context.hashAddress(email);
const erase = (id: string) => eraseSubscription(house.context, id);
const everything = async () => JSON.stringify(await dumpTables(house.context.db, [])).toLowerCase();

test('a second erasure changes nothing, nor does one of nobody', async () => {
  const { subscription } = await createConfirmedReader(house, email);
  await erase(subscription.id);
  const before = await dumpTables(house.context.db);
  await erase(subscription.id);
  await erase(publication.id);
  expect(changedTables(before, await dumpTables(house.context.db))).toEqual([]);
  expect(await isErased(house.context.db, publication.id, hash())).toBe(true);
  expect(await isSuppressed(house.context.db, publication.id, hash())).toBe(false);
});

test('another newsletter she reads keeps her; the one that erased her does not know her', async () => {
  const tide = await house.createPublication({ slug: 'tide', name: 'Tide' });
  await signUp(house, email, { slug: 'tide' });
  await signUp(house, email);
  const { id } = await house.context.db.one<{ id: string }>(
    sql`select id from subscriptions where publication_id = ${publication.id}`,
  );
  await erase(id);
  expect(await subscriptionOf(house, email)).toMatchObject({ publicationId: tide.id, status: 'pending' });
  expect(await previewReader(house.context, publication, email)).toBeUndefined();
  const requests = await house.context.db.many(sql`select publication_id from sign_up_requests`);
  expect(requests).toEqual([{ publicationId: tide.id }]);
  expect(await isErased(house.context.db, tide.id, hash())).toBe(false);
});

test('what was queued for her is not sent, and no server’s answer keeps her address', async () => {
  const reader = await addReader(house, publication, email);
  await addArticles(house, publication, 'Harbour');
  house.smtp.setScript((stage) =>
    stage === 'rcpt' ? `451 4.2.1 <${email.toUpperCase()}>: mailbox busy` : undefined,
  );
  await house.runDueJobs();
  expect(await house.context.db.many(sql`select state, answer from deliveries`)).toEqual([
    { state: 'deferred', answer: expect.stringContaining('451 4.2.1 <…>: mailbox busy') },
  ]);
  await erase(reader.id);
  expect(await everything()).not.toContain('zadie');
  house.smtp.setScript(() => undefined);
  await advanceAndRunJobs(house, 3600_000);
  expect(house.smtp.messages).toEqual([]);
  expect(await house.context.db.many(sql`select state from deliveries`)).toEqual([{ state: 'skipped' }]);
});

test('no old link brings the nobody back that erasing leaves', async () => {
  const { subscription, unsubscribeLink } = await createConfirmedReader(house, email);
  await unsubscribe(house.context, subscription.id);
  // She asked again, did not click, and then had herself erased.
  house.advanceClock(DAY_MS);
  const fresh = await requestConfirmLink(house, email);
  await erase(subscription.id);
  expect((await post(fresh)).status).toBe(404);
  expect((await open(fresh)).status).toBe(404);
  expect(await undoUnsubscribe(house.context, subscription.id)).toEqual({ kind: 'too-late' });
  await post(`${unsubscribeLink}/undo`);
  expect(await (await open(unsubscribeLink)).text()).not.toContain('/undo');
  expect(await reloadReader(house, subscription)).toMatchObject({ status: 'unsubscribed', nextDueAt: null });

  const other = await createConfirmedReader(house, 'una@example.com');
  await erase(other.subscription.id);
  await post(`${other.unsubscribeLink}/undo`);
  expect(await reloadReader(house, other.subscription)).toMatchObject({ status: 'unsubscribed' });
});

test('who was erased, asks again and then never wants mail, is never mailed', async () => {
  const { subscription } = await createConfirmedReader(house, email);
  await erase(subscription.id);
  await requestConfirmLink(house, email);
  await post(linkIn(await lastMail(house, email), 'never'));
  expect(await isSuppressed(house.context.db, publication.id, hash())).toBe(true);
  const mails = (await readMails(house)).length;
  await signUp(house, email);
  expect(await readMails(house)).toHaveLength(mails);
  // Erased once more, she is still never mailed.
  await erase((await subscriptionOf(house, email)).id);
  expect(await isSuppressed(house.context.db, publication.id, hash())).toBe(true);
});

test('the proof of what she agreed to stays, without her', async () => {
  const { subscription } = await createConfirmedReader(house, email);
  await erase(subscription.id);
  expect(await house.context.db.many(sql`select kind, subscription_id from consents`)).toEqual([
    { kind: 'confirmed', subscriptionId: subscription.id },
  ]);
  expect(await everything()).not.toContain('zadie');
});

test('a kept answer to a program that showed her goes with her; others stay', async () => {
  const reader = await addReader(house, publication, email);
  const { id: tokenId } = await createToken(house.context, { name: 'a program', scopes: ['write'] });
  for (const [key, body] of [
    ['hers', { id: reader.id, email }],
    ['other', { id: publication.id }],
    ['list', []],
    ['none', null],
  ] as const) {
    const claimed = await claimIdempotencyKey(house.context, tokenId, key, key);
    if (claimed.kind === 'first') await claimed.store({ status: 200, body });
  }
  await erase(reader.id);
  const keys = await house.context.db.many<{ key: string }>(
    sql`select key from idempotency_keys order by key`,
  );
  expect(keys.map(({ key }) => key)).toEqual(['list', 'none', 'other']);
});
