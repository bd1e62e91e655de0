import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { insertSuppression } from '../../../../src/subscribers/suppression/writes.js';
import { unsubscribe } from '../../../../src/subscribers/leave/unsubscribe.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import {
  addArticles,
  addReader,
  resetTestApp,
  advanceAndRunJobs,
  reloadReader,
} from '../../../support/fixtures.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { requestAddressChange, requestOneHourLink, findManageLink } from './request-links.js';
import {
  lastMail,
  linkIn,
  readMails,
  open,
  post,
  signUp,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { DAY_MS, HOUR_MS } from '../../../../src/platform/durations.js';
import { listDeliveries } from '../../../support/deliveries.js';
import { maskedHtml } from '../../../support/masked-address.js';

const old = 'asha@old.example';
const fresh = 'asha@new.example';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({
    mailDomain: async (domain) => (domain === 'nowhere-mail.org' ? 'none' : 'unknown'),
  });
});
afterAll(() => testApp.close());
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});

const text = async (link: string) => (await open(link)).text();
const confirmLink = async (to = fresh) => linkIn(await lastMail(testApp, to), 'manage');
const cancelLink = async (to = old) => linkIn(await lastMail(testApp, to), 'manage');
const told = async () => (await readMails(testApp)).map(({ to, subject }) => `${to}: ${subject}`);

/** She asks for the change and confirms it at the new address. */
async function moved(): Promise<void> {
  await requestAddressChange(testApp, old, fresh);
  await post(await confirmLink());
  await testApp.runDueJobs();
}

test('a new address that looks mistyped, or takes no mail, is asked about at the field, and nobody is mailed', async () => {
  await addReader(testApp, publication, old);
  const own = await requestOneHourLink(testApp, old);
  const mails = testApp.smtp.messages.length;
  const move = (fields: Record<string, string>) => post(`${own}/address`, fields);
  const asked = await move({ email: "o'neil@gmial.com" });
  expect(asked.status).toBe(422);
  const page = await asked.text();
  expect(page).toContain('Did you mean o&#39;neil@gmail.com?');
  const forms = [...page.matchAll(/<form id="([\w-]+)" [^>]* hidden>(.*?)<\/form>/gs)];
  expect(forms.map(([, id]) => id)).toEqual(['address-suggested', 'address-kept']);
  expect(forms[0]?.[2]).toContain('value="o&#39;neil@gmail.com"');
  expect(forms[1]?.[2]).toMatch(/value="o&#39;neil@gmial\.com"[^]*name="keep" value="yes"/);
  for (const [, id] of forms) expect(page).toContain(`<button form="${id}">`);
  const nowhere = await move({ email: 'asha@nowhere-mail.org', keep: 'yes' });
  expect(nowhere.status).toBe(422);
  expect(await nowhere.text()).toContain('nowhere-mail.org doesn&#39;t seem to receive email.');
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(mails);
  const kept = await move({ email: "o'neil@gmial.com", keep: 'yes' });
  expect([kept.status, kept.headers.get('location')]).toEqual([303, expect.stringContaining('done=address')]);
});

test('the new address confirms, the old one is notified, and the same subscription goes on there', async () => {
  const reader = await addReader(testApp, publication, old, { cadence: 'weekly', hour: 9 });
  const unsubscribe = linkIn(await mailWithLink(), 'unsubscribe');
  const answer = await requestAddressChange(testApp, old, fresh);
  expect(answer.headers.get('location')).toMatch(/\?done=address#own$/);
  const own = `${testApp.url}${answer.headers.get('location')}`;
  expect(await text(own)).toContain('We write to the new address, unless');
  expect(await text(own)).toContain(`<strong>${fresh}</strong> has not confirmed yet`);
  expect((await subscriptionOf(testApp, old)).id).toBe(reader.id);

  const mail = await lastMail(testApp, fresh);
  expect(mail.text).toContain('a•••••@old.example');
  expect(`${mail.text}${mail.html}`).not.toContain(old);
  expect((await lastMail(testApp, old)).text).toContain(fresh);
  const link = linkIn(mail, 'manage');
  expect(await text(link)).toContain(`Send The Lantern to <span class="address">${fresh}</span>?`);
  expect((await subscriptionOf(testApp, old)).id).toBe(reader.id);
  await post(link);
  await testApp.runDueJobs();

  const after = await subscriptionOf(testApp, fresh);
  expect(after).toMatchObject({ id: reader.id, status: 'confirmed', cadence: 'weekly', hour: 9 });
  expect(await text(link)).toContain('Your address is changed');
  expect((await lastMail(testApp, old)).subject).toBe('The Lantern goes to another address now');
  expect(await testApp.context.db.many(sql`select email from subscribers`)).toEqual([{ email: fresh }]);
  // Older settings links are revoked, unsubscribe links are not.
  expect((await open(own)).status).toBe(404);
  expect(await text(unsubscribe)).toContain('a•••••@new.example');
  await post(unsubscribe);
  expect((await subscriptionOf(testApp, fresh)).status).toBe('unsubscribed');
});

async function mailWithLink() {
  await requestOneHourLink(testApp, old);
  return lastMail(testApp, old);
}

test('confirming twice moves once; a settings link that was forwarded cannot even ask', async () => {
  await addReader(testApp, publication, old);
  const settings = await findManageLink(testApp, old);
  const refused = await post(`${settings}/address`, { email: fresh });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain(`We send one to <strong>${maskedHtml('a', 'old.example')}</strong>`);
  expect(await testApp.runDueJobs()).toEqual([]);
  await requestAddressChange(testApp, old, fresh);
  const link = await confirmLink();
  await Promise.all([post(link), post(link), post(link)]);
  await testApp.runDueJobs();
  expect((await subscriptionOf(testApp, fresh)).status).toBe('confirmed');
  expect((await told()).filter((one) => one.endsWith('goes to another address now'))).toHaveLength(1);
});

test('a scanner that opens every link of these mails moves nobody', async () => {
  await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  const links = new Set((await readMails(testApp)).flatMap((mail) => mail.links));
  const before = await dumpTables(testApp.context.db, []);
  for (const link of links)
    for (const method of ['HEAD', 'GET', 'OPTIONS'])
      expect([method, (await fetch(link, { method })).status]).toEqual([method, 200]);
  const pages = await Promise.all([...links].map((link) => text(link)));
  expect(pages.filter((page) => /action="[^"]*\/address\/(confirm|cancel)"/.test(page))).toHaveLength(2);
  expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
});

test('before it is confirmed, the old address can cancel it, and then the new one cannot confirm', async () => {
  const reader = await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  const [confirm, cancel] = [await confirmLink(), await cancelLink()];
  expect(await text(cancel)).toContain(`Keep sending The Lantern to <span class="address">${old}</span>?`);
  await post(cancel);
  expect(await text(cancel)).toContain('Your address stays');
  expect((await post(confirm)).status).toBe(410);
  expect((await open(confirm)).status).toBe(410);
  expect(await text(confirm)).toContain('This change was taken back');
  expect(await reloadReader(testApp, reader)).toMatchObject({
    email: old,
    generation: reader.generation + 1,
  });
  await testApp.runDueJobs();
  expect((await told()).filter((one) => one.startsWith(fresh))).toHaveLength(1);
});

test('within a week the old address can undo even a confirmed change, and the new one is notified', async () => {
  const reader = await addReader(testApp, publication, old);
  await moved();
  testApp.advanceClock(6 * DAY_MS);
  await post(await cancelLink());
  await testApp.runDueJobs();
  expect(await reloadReader(testApp, reader)).toMatchObject({ email: old, status: 'confirmed' });
  expect((await lastMail(testApp)).to).toBe(fresh);
  expect((await lastMail(testApp)).subject).toBe('The Lantern no longer comes to this address');
  expect(await testApp.context.db.many(sql`select email from subscribers`)).toEqual([{ email: old }]);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  expect((await lastMail(testApp)).to).toBe(old);
});

test('a subscription that the new address ended meanwhile goes on at the old one', async () => {
  const reader = await addReader(testApp, publication, old);
  await moved();
  await unsubscribe(testApp.context, reader.id);
  await addArticles(testApp, publication, 'Harbour');
  await post(await cancelLink());
  await testApp.runDueJobs();
  expect(await reloadReader(testApp, reader)).toMatchObject({ email: old, status: 'confirmed' });
  expect((await lastMail(testApp, old)).subject).toBe('Harbour');
});

test('a thief who changes the address once more gains nothing: undoing the first change undoes all', async () => {
  const reader = await addReader(testApp, publication, old);
  await moved();
  const cancel = await cancelLink();
  const thief = 'thief@example.net';
  await requestAddressChange(testApp, fresh, thief);
  await post(await confirmLink(thief));
  await testApp.runDueJobs();
  const keep = linkIn(await lastMail(testApp, fresh), 'manage');
  expect((await reloadReader(testApp, reader)).email).toBe(thief);
  await post(cancel);
  expect((await reloadReader(testApp, reader)).email).toBe(old);
  expect(await text(cancel)).toContain('Your address stays');
  const answers = [await post(keep), await open(keep), await open(await confirmLink(thief))];
  expect(answers.map(({ status }) => status)).toEqual([303, 410, 410]);
  expect((await reloadReader(testApp, reader)).email).toBe(old);
});

test('a reader who has left meanwhile is not moved, and her settings offer no change', async () => {
  const reader = await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  const link = await confirmLink();
  await testApp.context.db.run(sql`update subscriptions set status = 'unsubscribed' where id = ${reader.id}`);
  expect((await post(link)).status).toBe(410);
  const own = await requestOneHourLink(testApp, old);
  expect(await text(own)).not.toContain('/address');
  expect((await post(`${own}/address`, { email: 'x@example.com' })).headers.get('location')).not.toContain(
    'told',
  );
  expect(await reloadReader(testApp, reader)).toMatchObject({ email: old, status: 'unsubscribed' });
});

test('asking, confirming and undoing at the same moment end in one of them, and never in an error', async () => {
  const reader = await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  const [confirm, cancel, own] = [
    await confirmLink(),
    await cancelLink(),
    await requestOneHourLink(testApp, old),
  ];
  const answers = await Promise.all([
    post(confirm),
    post(cancel),
    post(`${own}/address`, { email: 'third@example.com' }),
    post(confirm),
    post(cancel),
  ]);
  for (const { status } of answers) expect(status).toBeLessThan(500);
  await testApp.runDueJobs();
  expect([old, fresh]).toContain((await reloadReader(testApp, reader)).email);
});

test('after a week it cannot be undone, and neither address is stored with the change', async () => {
  const reader = await addReader(testApp, publication, old);
  await moved();
  const cancel = await cancelLink();
  testApp.advanceClock(7 * DAY_MS);
  expect((await open(cancel)).status).toBe(410);
  expect((await post(cancel)).status).toBe(410);
  await testApp.handlers.purge({});
  expect((await post(cancel)).status).toBe(410);
  expect(await reloadReader(testApp, reader)).toMatchObject({ email: fresh });
  expect(JSON.stringify(await dumpTables(testApp.context.db, []))).not.toContain(old);
});

test('three days later the new address cannot confirm any more', async () => {
  const reader = await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  testApp.advanceClock(3 * DAY_MS);
  const link = await confirmLink();
  for (const answer of [await open(link), await post(link)]) {
    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain('work for 3 days');
  }
  expect(await reloadReader(testApp, reader)).toMatchObject({ email: old });
});

test('what was planned for the old address is sent to neither; what is new is sent to the new one', async () => {
  const reader = await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.2.1 busy' : undefined));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  await post(await confirmLink());
  testApp.smtp.setScript(() => undefined);
  const before = testApp.smtp.messages.length;
  await advanceAndRunJobs(testApp, HOUR_MS);
  expect(await listDeliveries(testApp)).toMatchObject([
    { state: 'skipped', skipReason: 'address-changed', answer: expect.stringMatching(/451/) },
  ]);
  await addArticles(testApp, publication, 'Storm');
  await testApp.runDueJobs();
  const digests = testApp.smtp.messages
    .slice(before)
    .map(({ to, raw }) => [to, /^Subject: (.*)$/m.exec(raw.toString())?.[1]]);
  expect(digests.filter(([, subject]) => subject === 'Harbour')).toEqual([]);
  expect(digests.filter(([, subject]) => subject === 'Storm')).toEqual([[fresh, 'Storm']]);
  expect((await reloadReader(testApp, reader)).email).toBe(fresh);
});

test('what may have arrived at the old address is never sent to the new one as well', async () => {
  await addReader(testApp, publication, old);
  await requestAddressChange(testApp, old, fresh);
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage) => (stage === 'dot' ? 'hang-up-accepted' : undefined));
  await testApp.runDueJobs();
  expect(await listDeliveries(testApp)).toMatchObject([{ state: 'uncertain' }]);
  testApp.smtp.setScript(() => undefined);
  await post(await confirmLink());
  for (let quarter = 0; quarter < 4; quarter += 1) await advanceAndRunJobs(testApp, 900_000);
  const harbour = testApp.smtp.messages.filter(({ raw }) => /^Subject: Harbour$/m.test(raw.toString()));
  expect(harbour.map(({ to }) => to)).toEqual([old]);
  expect(await listDeliveries(testApp)).toMatchObject([{ state: 'uncertain' }]);
});

test('a subscription that the new address has already stays; the old one ends, and can be restored', async () => {
  const reader = await addReader(testApp, publication, old, { cadence: 'weekly' });
  const there = await addReader(testApp, publication, fresh, { cadence: 'daily' });
  await moved();
  expect(await reloadReader(testApp, reader)).toMatchObject({ email: old, status: 'unsubscribed' });
  expect(await reloadReader(testApp, there)).toMatchObject({ status: 'confirmed', cadence: 'daily' });
  expect(await text(await confirmLink())).toContain('was subscribed to The Lantern already');
  expect((await lastMail(testApp, old)).text).toMatch(/subscribed\s+already/);
  await post(await cancelLink());
  await testApp.runDueJobs();
  expect(await reloadReader(testApp, reader)).toMatchObject({ status: 'confirmed', cadence: 'weekly' });
  expect(await reloadReader(testApp, there)).toMatchObject({ status: 'confirmed' });
});

test.each(['pending', 'unsubscribed'] as const)(
  'a %s subscription of the new address is replaced, and its old links confirm nobody',
  async (status) => {
    const reader = await addReader(testApp, publication, old);
    await signUp(testApp, fresh);
    const asked = linkIn(await lastMail(testApp, fresh), 'confirm');
    if (status === 'unsubscribed')
      await testApp.context.db.run(
        sql`update subscriptions set status = 'unsubscribed' where status = 'pending'`,
      );
    testApp.advanceClock(61_000);
    await moved();
    expect(await reloadReader(testApp, reader)).toMatchObject({ email: fresh, status: 'confirmed' });
    expect((await post(asked)).status).toBe(404);
    expect((await subscriptionOf(testApp, fresh)).id).toBe(reader.id);
  },
);

test('a new address that blocked our mail gets none, and the page does not say so', async () => {
  const { db, hashAddress, now } = testApp.context;
  await addReader(testApp, publication, old);
  await db.transaction((tx) => insertSuppression(tx, hashAddress(fresh), publication.id, 'never', now()));
  const answer = await requestAddressChange(testApp, old, fresh);
  expect(answer.headers.get('location')).toMatch(/\?done=address#own$/);
  expect((await told()).filter((one) => one.startsWith(fresh))).toEqual([]);
  expect((await lastMail(testApp, old)).subject).toContain('a change was asked for');
});

test('nobody’s mailbox is flooded by it: three requests a day, within the caps of all other mails', async () => {
  await addReader(testApp, publication, old);
  const own = await requestOneHourLink(testApp, old);
  const wishes = [];
  for (let press = 0; press < 5; press += 1)
    wishes.push((await post(`${own}/address`, { email: 'victim@example.com' })).status);
  await testApp.runDueJobs();
  expect(wishes).toEqual([303, 303, 303, 303, 303]);
  expect((await told()).filter((one) => one.startsWith('victim@'))).toHaveLength(1);
  expect(await text(await confirmLink('victim@example.com'))).toContain('Confirm this address');
  for (const email of ['b@example.com', 'c@example.com', 'd@example.com', 'e@example.com'])
    wishes.push((await post(`${own}/address`, { email })).status);
  await testApp.runDueJobs();
  expect(wishes.slice(5)).toEqual([303, 303, 422, 422]);
  // Requests that a newer one has replaced are not mailed.
  expect((await told()).filter((one) => one.startsWith(old))).toHaveLength(3);
});

test('an invalid address, or her present one, is reported beside the field and changes nothing', async () => {
  await addReader(testApp, publication, old);
  const own = await requestOneHourLink(testApp, old);
  const before = await dumpTables(testApp.context.db);
  for (const [email, sentence] of [
    ['asha@new', 'That doesn&#39;t look complete.'],
    [old.toUpperCase(), 'This is the address we write to already.'],
  ] as const) {
    const answer = await post(`${own}/address`, { email });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(sentence);
    expect(html).toContain(`value="${email}"`);
  }
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
});
