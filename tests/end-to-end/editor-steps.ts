import type { Page } from 'playwright-core';
import { createInvitedOperator } from '../../src/operators/invitations/invite.js';
import { findPublicationBySlug } from '../../src/publications/reads.js';
import { startDnsServer, type DnsServer } from '../support/dns-server.js';
import { startFeedServer, type FeedServer } from '../support/feed-server.js';
import { addReaders, readerAddresses } from '../support/fixtures.js';
import { lastMail } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

/** A server of Paperround, a name server, and a publisher's site. */
export type Place = { testApp: TestApp; dns: DnsServer; site: FeedServer; close(): Promise<void> };

export const OWNER = 'ada@tides.example';
export const PASSWORD = 'marrowby ferry whispers';
export const READERS = 40;

export async function openPlace(): Promise<Place> {
  const dns = await startDnsServer();
  const site = await startFeedServer();
  // With a mail server in the settings the DNS of the sender has to be proved.
  const settings = { SMTP_URL: 'smtp://127.0.0.1:25' };
  const testApp = await openTestApp({ hostname: 'localhost', dnsServer: dns.address, settings });
  const close = async () => {
    await testApp.close();
    await site.close();
    await dns.close();
  };
  return { testApp, dns, site, close };
}

/** What the command line prints for whoever is to run the newsletters. */
export async function invitationLink({ testApp }: Place): Promise<string> {
  const account = { email: OWNER, name: null, grant: 'administrator' } as const;
  const made = await createInvitedOperator(testApp.context, account);
  if (made === undefined) throw new Error('She has an account');
  return made.url;
}

export async function acceptWithPasskey(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Ada Mwangi');
  await press(page, 'Accept with a passkey');
}

export async function acceptWithPassword(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Ada Mwangi');
  await page.getByLabel('Password').fill(PASSWORD);
  await press(page, 'Accept with this password');
}

/** From the first page of an account to the moment in which the newsletter is live, each step with its proof. */
export async function setUpNewsletter(place: Place, page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'No newsletter yet' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'New newsletter' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Tide Table');
  await page.getByLabel('Address of your site').fill(place.site.origin);
  await page.getByLabel('Address that mail comes from').fill('news@tides.example');
  await page.getByLabel('Time zone').selectOption('Africa/Nairobi');
  await press(page, 'Make it');
  await page.getByText('The newsletter is made.').waitFor();
  await followFeed(place, page);
  await proveSender(place, page);
  await proveForm(place, page);
  await testToMe(place, page);
  await addReadersOf(place);
  await goLive(page);
}

async function followFeed({ site, testApp }: Place, page: Page): Promise<void> {
  site.articles.push({ id: 'quay', title: 'A new quay', text: '<p>It opened.</p>' });
  await page.getByLabel('Address of your site, or of its feed').fill(site.url);
  await press(page, 'Look at it');
  await page.getByText('A new quay').waitFor();
  await press(page, 'Follow this feed');
  await page.getByText('The feed is followed from now on').waitFor();
  await testApp.runDueJobs();
  await page.reload();
  await expectStep(page, 'Site and feed', 'Done');
}

async function proveSender({ dns }: Place, page: Page): Promise<void> {
  dns.records.set('tides.example', [['v=spf1 ip4:127.0.0.1 -all']]);
  dns.records.set('_dmarc.tides.example', [['v=DMARC1; p=none']]);
  dns.records.set('s1._domainkey.tides.example', [['v=DKIM1; p=MIGf']]);
  dns.hosts.set('tides.example', { MX: [{ preference: 10, exchange: 'mx.tides.example' }] });
  dns.hosts.set('mx.tides.example', { A: ['127.0.0.1'] });
  await page.getByRole('link', { name: 'Go to sender and DNS' }).click();
  await page.getByLabel('Postal address').fill('P.O. Box 12, Marrowby');
  await page.getByLabel('Mail is signed by').selectOption('The mail server');
  await page.getByLabel('Name of the mail server’s key').fill('s1');
  await press(page, 'Save');
  await press(page, 'Look at the DNS');
  await page.getByText('Looked at the DNS just now.').waitFor();
  await page.getByRole('link', { name: 'Home' }).click();
  await expectStep(page, 'Sender, postal address and DNS', 'Done');
}

async function proveForm({ site }: Place, page: Page): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Form', exact: true }).click();
  const body = await page.getByLabel('To paste: One script tag').inputValue();
  site.setResponse('/', { status: 200, headers: { 'content-type': 'text/html' }, body });
  await page.getByRole('link', { name: 'let us look' }).click();
  await page.getByLabel('Address of the page').fill(site.origin);
  await press(page, 'Look for the form');
  await page.getByText('The form is there, by the script tag.').waitFor();
  await expectStep(page, 'The form on a page of your site', 'Done');
}

async function testToMe({ testApp }: Place, page: Page): Promise<void> {
  await press(page, 'Send me a test');
  await page.getByText('Your test still waits for a worker.').waitFor();
  await testApp.runDueJobs();
  const { subject } = await lastMail(testApp, OWNER);
  if (!subject.includes('A new quay')) throw new Error(`The test is about ${subject}`);
  // The page looks again by itself, also without script.
  await page.getByText('Your test was accepted by the mail server').waitFor();
  await expectStep(page, 'A test to yourself', 'Done');
}

export async function addReadersOf({ testApp }: Place): Promise<void> {
  const publication = await findPublicationBySlug(testApp.context.db, 'tide-table');
  if (publication === undefined) throw new Error('There is no newsletter');
  await addReaders(testApp, publication, readerAddresses(READERS), { cadence: 'daily' });
}

async function goLive(page: Page): Promise<void> {
  await page.reload();
  await page.getByText(`${READERS} readers: the first digest on the day`).waitFor();
  await press(page, 'Go live');
  await page.getByText('The newsletter is live.').waitFor();
  await page.getByRole('link', { name: 'Home says what goes out next' }).click();
  await page.getByRole('heading', { name: 'Going out next' }).waitFor();
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

async function expectStep(page: Page, name: string, state: string): Promise<void> {
  await page.getByRole('heading', { name: `${name} ${state}`, exact: true }).waitFor();
}
