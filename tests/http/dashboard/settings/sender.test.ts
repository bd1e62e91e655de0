import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Publication } from '../../../../src/publications/publication.js';
import { findPublication } from '../../../../src/publications/reads.js';
import { loadSigner } from '../../../../src/transports/dkim/load-signer.js';
import { listDkimKeys } from '../../../../src/transports/dkim/reads.js';
import { startDnsServer, type DnsServer } from '../../../support/dns-server.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { findForm } from '../../../support/html-form.js';
import { addOperator, enterDashboard, readDashboardPage } from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const PATH = '/operator/publications/lantern/settings/sender';

let testApp: TestApp;
let dns: DnsServer;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  dns = await startDnsServer();
  testApp = await openTestApp({ dnsServer: dns.address });
});

afterAll(async () => {
  await testApp.close();
  await dns.close();
});

beforeEach(async () => {
  await resetTestApp(testApp);
  dns.records.clear();
  dns.asked.length = 0;
  publication = await testApp.createPublication({ noticeAddress: null });
  cookie = await enterDashboard(testApp);
});

const html = async () => (await open(testApp.url + PATH, { cookie })).text();
const words = (query = '') =>
  readDashboardPage(testApp, `/publications/lantern/settings/sender${query}`, cookie);
const fields = async () => findForm(await html(), '/settings/sender').fields;
const send = (path: string, body: Record<string, string> = {}) =>
  post(testApp.url + PATH + path, body, { cookie });
const stored = async () => ({ ...(await findPublication(testApp.context.db, publication.id)) });

test('an editor sets who mail comes from and who signs it; a mistake loses nothing', async () => {
  const typed = {
    ...(await fields()),
    fromName: 'The Lamp',
    replyTo: 'desk',
    postalAddress: 'P.O. Box 12, Marrowby',
    signedBy: 'server',
    serverSelector: 's1',
  };
  const refused = await send('', typed);
  expect(refused.status).toBe(422);
  const again = await refused.text();
  expect(again).toContain('Where replies go is not an e-mail address.');
  const kept = findForm(again, '/settings/sender').fields;
  expect(kept).toMatchObject({ fromName: 'The Lamp', replyTo: 'desk', signedBy: 'server' });
  await send('', { ...kept, replyTo: 'desk@lantern.example' });
  expect(await stored()).toEqual({
    ...publication,
    fromName: 'The Lamp',
    replyTo: 'desk@lantern.example',
    postalAddress: 'P.O. Box 12, Marrowby',
    signedBy: 'server',
    serverSelector: 's1',
  });
});

test('the DNS is asked when somebody presses the button, and the page shows what was found then', async () => {
  await words();
  expect(dns.asked).toEqual([]);
  dns.records.set('lantern.example', [['v=spf1 <script>alert(1)</script> -all']]);
  dns.records.set('_dmarc.lantern.example', [['v=DMARC1; p=none']]);
  const checked = await send('/check');
  expect(checked.headers.get('location')).toBe(`${PATH}?done=checked`);
  dns.asked.length = 0;
  const page = await html();
  expect(dns.asked).toEqual([]);
  expect(page).toContain('<pre dir="ltr">v=spf1 &lt;script&gt;alert(1)&lt;/script&gt; -all</pre>');
  const said = await words('?done=checked');
  expect(said).toContain('Looked at the DNS just now.');
  expect(said).toContain('Looked at 22 November 2026');
  expect(said).toContain('Good. There is a policy.');
  expect(said).toContain('Not right. There is no domain lantern.example.');
  expect(said).toMatch(/DNS records for The Lantern \(news@lantern\.example\) TXT lantern\.example/);
  expect(said).not.toContain('TXT _dmarc.lantern.example There is a policy.');
});

test('what was found of another sender is not shown as if it were of this one', async () => {
  await send('/check');
  await send('', { ...(await fields()), fromAddress: 'news@lamp.example' });
  const said = await words();
  expect(said).toContain('The sender was changed since somebody looked. Look again.');
  expect(said).not.toContain('lantern.example');
});

test('who signs decides which key is looked up', async () => {
  await send('', { ...(await fields()), signedBy: 'server', serverSelector: 's1' });
  dns.records.set('s1._domainkey.lantern.example', [['v=DKIM1; p=MIGf']]);
  await send('/check');
  expect(await words()).toContain('Good. There is a key. That the server signs with it the test mail shows.');
  await send('', { ...(await fields()), signedBy: 'paperround' });
  await send('/check');
  expect(await words()).toContain(
    'Not right. Paperround has no keys of this domain yet, so it signs nothing.',
  );
});

test('an owner makes keys, which sign once the DNS has their records and not before', async () => {
  await send('', { ...(await fields()), signedBy: 'paperround' });
  await send('/keys');
  await send('/keys');
  const keys = await listDkimKeys(testApp.context.db);
  expect(keys.map(({ algorithm }) => algorithm).toSorted()).toEqual(['ed25519-sha256', 'rsa-sha256']);
  const said = await words('?done=keys-made');
  expect(said).toContain('Keys are made. Publish their records; until they sign nothing changes.');
  for (const { selector, publicKey } of keys) {
    expect(said).toContain(`Expected: TXT ${selector}._domainkey.lantern.example`);
    expect(said).toContain(`p=${publicKey}`);
  }
  const early = await send('/keys/activation');
  expect(early.headers.get('location')).toContain('done=keys-unpublished');
  expect(await loadSigner(testApp.context, 'lantern.example')).toBeUndefined();
  for (const { selector, publicKey, algorithm } of keys)
    dns.records.set(`${selector}._domainkey.lantern.example`, [
      `v=DKIM1; k=${algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${publicKey}`.match(/.{1,255}/g) ?? [],
    ]);
  const signs = await send('/keys/activation');
  expect(signs.headers.get('location')).toContain('done=keys-sign');
  testApp.advanceClock(60_000);
  expect(await loadSigner(testApp.context, 'lantern.example')).toBeDefined();
  expect(await words()).toContain('Good. Mail is signed with it.');
  expect(await html()).not.toContain(keys[0]?.id);
});

test('an editor looks at the DNS, and makes no keys', async () => {
  const editor = await addOperator(testApp, 'e@lantern.example', 'editor');
  const session = await enterDashboard(testApp, editor?.id);
  const press = async (path: string) =>
    (await post(testApp.url + PATH + path, {}, { cookie: session })).status;
  expect(await press('/check')).toBe(303);
  expect([await press('/keys'), await press('/keys/activation')]).toEqual([403, 403]);
  expect(await listDkimKeys(testApp.context.db)).toEqual([]);
});
