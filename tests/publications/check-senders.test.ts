import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { DAY_MS } from '../../src/platform/durations.js';
import { updatePublication } from '../../src/publications/change-publication.js';
import type { Publication } from '../../src/publications/publication.js';
import { findCheck } from '../../src/publications/reads.js';
import { startDnsServer, type DnsServer } from '../support/dns-server.js';
import { resetTestApp } from '../support/fixtures.js';
import { addOperator } from '../support/operator-session.js';
import { readMails } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

const OPERATOR = 'ed@lantern.example';

let app: TestApp;
let dns: DnsServer;
let publication: Publication;

beforeAll(async () => {
  dns = await startDnsServer();
  app = await openTestApp({ dnsServer: dns.address });
});
beforeEach(async () => {
  await resetTestApp(app);
  dns.records.clear();
  dns.hosts.clear();
  publication = await app.createPublication({ fromAddress: 'news@lantern.example' });
  await addOperator(app, OPERATOR);
  dns.records.set('_dmarc.lantern.example', [['v=DMARC1; p=none']]);
  dns.hosts.set('lantern.example', { MX: [{ preference: 10, exchange: 'mx.lantern.example' }] });
});
afterAll(async () => {
  await app.close();
  await dns.close();
});

/** A day passes, the DNS is looked at twice, and operators are told. Answers the subjects of their mails. */
async function nextDay(): Promise<string[]> {
  app.advanceClock(DAY_MS);
  await app.handlers['check-senders']({});
  await app.handlers['check-senders']({});
  await app.handlers['alert-operators']({});
  await app.runDueJobs();
  const mails = (await readMails(app)).filter(({ to }) => to === OPERATOR).map(({ subject }) => subject);
  app.smtp.messages.length = 0;
  return mails;
}

const TOLD = 'The Lantern: the DNS of the sender is worse than it was';
const worse = async () =>
  ((await findCheck(app.context.db, publication.id, 'dns'))?.result.worse ?? []).map(({ record }) => record);

test('what was never right is no alert; what was right and is wrong is one each day, until it is right again', async () => {
  expect(await nextDay()).toEqual([]);
  dns.records.delete('_dmarc.lantern.example');
  const told = await nextDay();
  expect(await worse()).toEqual(['dmarc']);
  expect(told).toEqual([TOLD]);
  expect(await nextDay()).toEqual([TOLD]);
  dns.hosts.set('lantern.example', {});
  expect(await nextDay()).toEqual([TOLD]);
  dns.records.set('_dmarc.lantern.example', [['v=DMARC1; p=none']]);
  dns.hosts.set('lantern.example', { MX: [{ preference: 10, exchange: 'mx.lantern.example' }] });
  expect(await nextDay()).toEqual([]);
  expect(await worse()).toEqual([]);
});

test('a name server that is away for a day neither alarms nor forgets what was right', async () => {
  await nextDay();
  dns.hosts.set('lantern.example', { trouble: 'failure' });
  expect(await nextDay()).toEqual([]);
  dns.hosts.set('lantern.example', { MX: [{ preference: 0, exchange: '' }] });
  expect(await nextDay()).toEqual([TOLD]);
  dns.hosts.set('lantern.example', { trouble: 'failure' });
  expect(await worse()).toEqual(['mx']);
});

test('another sender begins anew', async () => {
  await nextDay();
  await updatePublication(app.context, publication.id, { fromAddress: 'news@other.example' });
  expect(await nextDay()).toEqual([]);
  expect(await worse()).toEqual([]);
});

test('one newsletter that cannot be looked at does not keep the others, and the job is tried again', async () => {
  const other = await app.createPublication({ slug: 'tide', fromAddress: 'tide@tide.example' });
  await app.context.db.run(sql`
    insert into publication_checks (publication_id, kind, result, checked_at)
    values (${publication.id}, 'dns', ${JSON.stringify({ signer: 'server', selector: null, domains: 3 })}, now())
  `);
  await expect(app.handlers['check-senders']({})).rejects.toThrow();
  expect((await findCheck(app.context.db, other.id, 'dns'))?.result.domains[0]?.domain).toBe('tide.example');
});
