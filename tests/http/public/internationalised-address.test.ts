import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeHTML } from 'entities';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { requestAddressChange, findManageLink } from './manage/request-links.js';
import {
  requestConfirmLink,
  createConfirmedReader,
  linkIn,
  readMails,
  open,
} from '../../support/reader-actions.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

const wire = 'Leser@xn--bcher-kva.example';
const letters = 'Leser@bücher.example';

test('a domain in another script is shown so to its owner, and sent as A-labels in SMTP', async () => {
  const asked = await (await open(await requestConfirmLink(testApp, wire))).text();
  expect(asked).toContain(`<title>Confirm ${letters}?</title>`);
  const { confirmLink, unsubscribeLink } = await createConfirmedReader(testApp, wire);
  const pages = [asked];
  for (const link of [confirmLink, unsubscribeLink, await findManageLink(testApp, wire)])
    pages.push(await (await open(link)).text());
  for (const page of pages) {
    expect(page).toContain('@bücher.example');
    expect(page).not.toContain('xn--');
  }
  await pushArticle(testApp.context, publication, { title: 'High water', content: '<p>It came.</p>' });
  await testApp.runDueJobs();
  await requestAddressChange(testApp, wire, 'leser@straße.example');

  const mails = (await readMails(testApp)).filter(({ to }) => to === wire);
  expect(mails.map(({ subject }) => subject)).toContain('High water');
  for (const { subject, text, html } of mails) {
    const parts = [text, decodeHTML(html)];
    const isReadable = parts.every((part) => part.includes(letters) && !part.includes('xn--bcher'));
    expect([subject, isReadable]).toEqual([subject, true]);
  }
  const digest = testApp.smtp.messages.find(({ raw }) => /^Subject: High water/m.test(raw.toString()));
  expect(digest?.raw.toString()).toMatch(/^To: Leser@xn--bcher-kva\.example\r$/m);
});

test('somebody else’s address has its A-labels beside it, because it may only look like a name she knows', async () => {
  const told = (await readMails(testApp)).find(({ subject }) => subject.includes('a change was asked for'));
  if (told === undefined) throw new Error('She was not told.');
  const other = 'leser@straße.example (xn--strae-oqa.example)';
  expect(told.text.replaceAll(/\s+/g, ' ')).toContain(other);
  const page = await open(linkIn(told, 'manage'));
  expect(await page.text()).toContain(`<strong>${other}</strong>`);
});
