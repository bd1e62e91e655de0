import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pushArticle } from '../../src/articles/push.js';
import type { Publication } from '../../src/publications/publication.js';
import { openHouse, type House } from '../support/house.js';
import { askToMove, settingsLink } from './own-links.js';
import { askedLink, confirmedReader, linkIn, mailsOf, open } from './reader.js';

let house: House;
let publication: Publication;

beforeAll(async () => {
  house = await openHouse();
  publication = await house.publish();
});
afterAll(() => house.close());

const wire = 'Leser@xn--bcher-kva.example';
const letters = 'Leser@bücher.example';

test('a domain in letters of any script is in letters wherever its owner reads it, and in A-labels on the wire', async () => {
  const asked = await (await open(await askedLink(house, wire))).text();
  expect(asked).toContain(`<title>Confirm ${letters}?</title>`);
  const { confirmLink, unsubscribeLink } = await confirmedReader(house, wire);
  const pages = [asked];
  for (const link of [confirmLink, unsubscribeLink, await settingsLink(house, wire)])
    pages.push(await (await open(link)).text());
  for (const page of pages) {
    expect(page).toContain('@bücher.example');
    expect(page).not.toContain('xn--');
  }
  await pushArticle(house.context, publication, { title: 'High water', content: '<p>It came.</p>' });
  await house.work();
  await askToMove(house, wire, 'leser@straße.example');

  const mails = (await mailsOf(house)).filter(({ to }) => to === wire);
  expect(mails.map(({ subject }) => subject)).toContain('High water');
  for (const { subject, text, html } of mails)
    expect([subject, text.includes(letters), html.includes(letters), /xn--bcher/.test(text + html)]).toEqual([
      subject,
      true,
      true,
      false,
    ]);
  const digest = house.smtp.messages.find(({ raw }) => /^Subject: High water/m.test(raw.toString()));
  expect(digest?.raw.toString()).toMatch(/^To: Leser@xn--bcher-kva\.example\r$/m);
});

test('the address of somebody else has its A-labels beside it: it may only look like a name she trusts', async () => {
  const told = (await mailsOf(house)).find(({ subject }) => subject.includes('a change was asked for'));
  if (told === undefined) throw new Error('She was not told.');
  const other = 'leser@straße.example (xn--strae-oqa.example)';
  expect(told.text.replaceAll(/\s+/g, ' ')).toContain(other);
  const page = await open(linkIn(told, 'manage'));
  expect(await page.text()).toContain(`<strong>${other}</strong>`);
});
