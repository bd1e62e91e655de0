import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { previewReader } from '../../../src/deliveries/plan/preview-reader.js';
import { answerOnce } from '../../../src/operators/idempotency-keys.js';
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
import { addressHashes } from '../../../src/subscribers/suppression/address-hashes.js';
import { isErased, isSuppressed } from '../../../src/subscribers/suppression/reads.js';
import { DAY_MS } from '../../../src/platform/durations.js';

const email = 'zadie@example.com';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});

const hash = () => testApp.context.hashAddress(email);
const erase = (id: string) => eraseSubscription(testApp.context, id);
const everything = async () => JSON.stringify(await dumpTables(testApp.context.db, [])).toLowerCase();

test('a second erasure changes nothing, nor does one of an unknown id', async () => {
  const { subscription } = await createConfirmedReader(testApp, email);
  await erase(subscription.id);
  const before = await dumpTables(testApp.context.db);
  await erase(subscription.id);
  await erase(publication.id);
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  expect(await isErased(testApp.context.db, publication.id, hash())).toBe(true);
  expect(
    await isSuppressed(testApp.context.db, publication.id, addressHashes(testApp.context.hashAddress, email)),
  ).toBe(false);
});

test('another newsletter still has her; the one that erased her does not know her', async () => {
  const tide = await testApp.createPublication({ slug: 'tide', name: 'Tide' });
  await signUp(testApp, email, { slug: 'tide' });
  await signUp(testApp, email);
  const { id } = await testApp.context.db.one<{ id: string }>(
    sql`select id from subscriptions where publication_id = ${publication.id}`,
  );
  await erase(id);
  expect(await subscriptionOf(testApp, email)).toMatchObject({ publicationId: tide.id, status: 'pending' });
  expect(await previewReader(testApp.context, publication, email)).toBeUndefined();
  const requests = await testApp.context.db.many(sql`select publication_id from sign_up_requests`);
  expect(requests).toEqual([{ publicationId: tide.id }]);
  expect(await isErased(testApp.context.db, tide.id, hash())).toBe(false);
});

test('what was queued for her is not sent, and no stored reply contains her address', async () => {
  const reader = await addReader(testApp, publication, email);
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage) =>
    stage === 'rcpt' ? `451 4.2.1 <${email.toUpperCase()}>: mailbox busy` : undefined,
  );
  await testApp.runDueJobs();
  expect(await testApp.context.db.many(sql`select state, answer from deliveries`)).toEqual([
    { state: 'deferred', answer: expect.stringContaining('451 4.2.1 <…>: mailbox busy') },
  ]);
  await erase(reader.id);
  expect(await everything()).not.toContain('zadie');
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, 3600_000);
  expect(testApp.smtp.messages).toEqual([]);
  expect(await testApp.context.db.many(sql`select state from deliveries`)).toEqual([{ state: 'skipped' }]);
});

test('no old link restores the anonymous row that erasing leaves', async () => {
  const { subscription, unsubscribeLink } = await createConfirmedReader(testApp, email);
  await unsubscribe(testApp.context, subscription.id);
  // She asked again, did not click, and then had herself erased.
  testApp.advanceClock(DAY_MS);
  const fresh = await requestConfirmLink(testApp, email);
  await erase(subscription.id);
  expect((await post(fresh)).status).toBe(404);
  expect((await open(fresh)).status).toBe(404);
  expect(await undoUnsubscribe(testApp.context, subscription.id)).toEqual({ kind: 'too-late' });
  await post(`${unsubscribeLink}/undo`);
  expect(await (await open(unsubscribeLink)).text()).not.toContain('/undo');
  expect(await reloadReader(testApp, subscription)).toMatchObject({
    status: 'unsubscribed',
    nextDueAt: null,
  });

  const other = await createConfirmedReader(testApp, 'una@example.com');
  await erase(other.subscription.id);
  await post(`${other.unsubscribeLink}/undo`);
  expect(await reloadReader(testApp, other.subscription)).toMatchObject({ status: 'unsubscribed' });
});

test('a reader who was erased, signs up again and then blocks the newsletter is not mailed', async () => {
  const { subscription } = await createConfirmedReader(testApp, email);
  await erase(subscription.id);
  await requestConfirmLink(testApp, email);
  await post(linkIn(await lastMail(testApp, email), 'never'));
  expect(
    await isSuppressed(testApp.context.db, publication.id, addressHashes(testApp.context.hashAddress, email)),
  ).toBe(true);
  const mails = (await readMails(testApp)).length;
  await signUp(testApp, email);
  expect(await readMails(testApp)).toHaveLength(mails);
  // Erased once more, she is still blocked.
  await erase((await subscriptionOf(testApp, email)).id);
  expect(
    await isSuppressed(testApp.context.db, publication.id, addressHashes(testApp.context.hashAddress, email)),
  ).toBe(true);
});

test('the proof of what she agreed to stays, without her address', async () => {
  const { subscription } = await createConfirmedReader(testApp, email);
  await erase(subscription.id);
  expect(await testApp.context.db.many(sql`select kind, subscription_id from consents`)).toEqual([
    { kind: 'confirmed', subscriptionId: subscription.id },
  ]);
  expect(await everything()).not.toContain('zadie');
});

test('a stored API answer with her address is deleted with her; others stay', async () => {
  const reader = await addReader(testApp, publication, email);
  const { id: tokenId } = await createToken(testApp.context, { name: 'a program', scopes: ['write'] });
  for (const [key, body] of [
    ['hers', { id: reader.id, email }],
    ['other', { id: publication.id }],
    ['list', []],
    ['none', null],
  ] as const) {
    const response = { status: 200, body };
    await answerOnce(testApp.context, { tokenId, key, request: key }, async () => ({
      kind: 'response',
      response,
    }));
  }
  await erase(reader.id);
  const keys = await testApp.context.db.many<{ key: string }>(
    sql`select key from idempotency_keys order by key`,
  );
  expect(keys.map(({ key }) => key)).toEqual(['list', 'none', 'other']);
});
