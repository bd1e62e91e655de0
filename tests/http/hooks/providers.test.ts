import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { providers, type Provider } from '../../../src/events/providers/provider.js';
import { listHooks } from '../../../src/events/providers/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import { startAmazon, type Amazon } from '../../support/amazon.js';
import { listDeliveries } from '../../support/deliveries.js';
import { addArticles, addReaders, advanceAndRunJobs } from '../../support/fixtures.js';
import { playedProviders, type SignedRequest, type TakenMail } from '../../support/provider-hooks.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let amazon: Amazon;
let testApp: TestApp;
beforeAll(async () => void (amazon = await startAmazon()));
afterAll(() => amazon.close());

describe.each(providers)('%s', (provider: Provider) => {
  const played = playedProviders[provider];

  beforeEach(async () => {
    const smtpParameters = { provider, ...(provider === 'ses' && { rewrites: 'true' }) };
    testApp = await openTestApp({ fetchPage: amazon.fetchPage, smtpParameters, uncertain: 'hold' });
    testApp.smtp.setScript((stage) => (stage === 'dot' ? played.reply : undefined));
    await played.addHook(testApp);
  }, 60_000);
  afterEach(() => testApp.close());

  const post = async ({ headers, body }: SignedRequest) =>
    (await fetch(`${testApp.url}/hooks/${provider}`, { method: 'POST', headers, body })).status;
  const send = (content: unknown) => post(played.request(content, testApp.context.now()));
  const readEvents = () =>
    testApp.context.db.many<{ class: string; match: string }>(
      sql`select class, match from events order by class`,
    );
  const countSuppressed = async () =>
    (await testApp.context.db.many(sql`select reason from suppressions`)).length;

  /** A digest to one reader, of whose mail the provider knows what it has read. */
  async function mailOneReader(): Promise<TakenMail> {
    const publication = await testApp.createPublication();
    await addReaders(testApp, publication, ['ada@example.com']);
    await addArticles(testApp, publication, 'Harbour');
    await testApp.runDueJobs();
    await advanceAndRunJobs(testApp, 0);
    const [message] = testApp.smtp.messages;
    if (message === undefined) throw new Error('Nothing was sent');
    const head = message.raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
    const header = (name: string) => new RegExp(`^${name}: *(\\S+)`, 'im').exec(head)?.[1] ?? '';
    return { recipient: message.to, messageId: header('Message-ID'), reply: played.reply, header };
  }

  test('a bounce of a mail that it took is heard once, and stops mail to that address', async () => {
    const mail = await mailOneReader();
    const request = played.request(played.bounce(mail), testApp.context.now());
    expect(await post(request)).toBe(200);
    expect(await post(request)).toBe(200);
    expect(await send(played.bounce(mail))).toBe(200);
    expect(await readEvents()).toEqual([{ class: 'hard', match: 'delivery' }]);
    expect(await countSuppressed()).toBe(1);
    expect(await listDeliveries(testApp)).toMatchObject([{ state: 'accepted' }]);
    expect(await listHooks(testApp.context.db)).toMatchObject([{ state: 'confirmed', unread: 0 }]);
  });

  test('a complaint that comes before the delivery it is about ends the same', async () => {
    const mail = await mailOneReader();
    expect(await send(played.complaint(mail))).toBe(200);
    expect(await send(played.delivered(mail))).toBe(200);
    expect(await readEvents()).toEqual([
      { class: 'complaint', match: 'delivery' },
      { class: 'none', match: 'delivery' },
    ]);
    expect(await countSuppressed()).toBe(1);
  });

  test('one that was forged is refused, and changes nothing', async () => {
    const mail = await mailOneReader();
    const genuine = played.request(played.bounce(mail), testApp.context.now());
    expect([401, 403]).toContain(await post(played.forge(genuine)));
    expect(
      await post({ headers: {}, body: genuine.body.replace(/"[Ss]ignature":/, '"x":') }),
    ).toBeGreaterThan(400);
    expect(await readEvents()).toEqual([]);
    expect(await countSuppressed()).toBe(0);
    expect(await testApp.context.db.many(sql`select id from provider_requests`)).toEqual([]);
    const [hook] = await listHooks(testApp.context.db);
    expect(hook).toMatchObject({ state: 'waiting', refusedAt: testApp.context.now() });
  });

  test('one about another address than the mail went to stops nobody', async () => {
    const mail = await mailOneReader();
    expect(await send(played.bounce({ ...mail, recipient: 'ben@example.com' }))).toBe(200);
    expect(await readEvents()).toEqual([
      { class: 'hard', match: provider === 'ses' ? 'unknown' : 'other-recipient' },
    ]);
    expect(await countSuppressed()).toBe(0);
  });

  test('a kind that says nothing of a delivery is stored and ignored', async () => {
    const mail = await mailOneReader();
    expect(await send(played.opened(mail))).toBe(200);
    expect(await readEvents()).toEqual([]);
    const stored = await testApp.context.db.many(
      sql`select recorded, ignored, unread from provider_requests`,
    );
    expect(stored).toEqual([{ recorded: 0, ignored: 1, unread: 0 }]);
  });

  test('what it tells of a mail whose fate was unknown shows that it took it', async () => {
    const mail = await mailOneReader();
    const lose = sql`update deliveries set state = 'uncertain', provider_message_id = null`;
    await testApp.context.db.run(lose);
    expect(await send(played.delivered(mail))).toBe(200);
    expect(await listDeliveries(testApp)).toMatchObject([{ state: 'accepted' }]);
  });
});
