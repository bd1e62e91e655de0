import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PushedArticle } from '../../../src/articles/ingest/push-article.js';
import { checkMail } from '../../../src/deliveries/preview/check-mail.js';
import { composePreview } from '../../../src/deliveries/preview/compose-preview.js';
import { readPreviewParts } from '../../../src/deliveries/preview/preview-parts.js';
import { createDkimKeys } from '../../../src/transports/dkim/create-keys.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReader, resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

/** The codes of what stands out in the next daily digest of a new newsletter, with what was found; `!` stops it. */
async function findings(
  articles: (string | PushedArticle)[],
  settings: Partial<Publication> = {},
): Promise<string[]> {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'daily', signedBy: 'server' });
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily', watermark: 0 });
  await addArticles(testApp, publication, ...articles);
  return again(settings);
}

/** The same of the newsletter as it is. */
async function again(settings: Partial<Publication>): Promise<string[]> {
  const { context } = testApp;
  const changed = { ...publication, ...settings };
  const asked = {
    source: { kind: 'coming', coming: 'daily' } as const,
    as: {},
    readerId: undefined,
  };
  const found = await readPreviewParts(context, changed, asked);
  if (found.kind !== 'parts') throw new Error('There is nothing to look at');
  const { parts } = found;
  const options = { recipient: { email: 'ed@example.com' } };
  const mail = await composePreview(context, changed, parts, options);
  const checks = await checkMail(context, changed, { mail, parts });
  return checks.map(({ kind, code, found: words }) =>
    `${kind === 'stops' ? '!' : ''}${code} ${words.join(', ')}`.trim(),
  );
}

test('nothing stands out in a mail that is as it should be', async () => {
  expect(await findings(['Harbour'])).toEqual([]);
});

test('a missing postal address stops it, for however few readers it is', async () => {
  expect(await findings(['Harbour'], { postalAddress: null })).toEqual(['!no-postal-address']);
});

test('a long subject, words that were meant to be replaced, and pictures without a description are shown', async () => {
  const title = 'A harbour '.repeat(9).trim();
  expect(await findings([title])).toEqual(['subject-length 89']);
  const summary = 'Lorem ipsum dolor, dear *|FNAME|*, TODO. [Insert date here] A todo list is fine.';
  expect(await findings([{ title: 'Harbour', summary }])).toEqual([
    'placeholder-words Lorem ipsum, TODO, *|FNAME|*, [Insert date here]',
  ]);
  const content =
    '<p>Look <img src="https://lantern.example/a.png"> <img src="https://lantern.example/b.png" alt="A boat"></p>';
  expect(
    await findings(
      [
        { title: 'Harbour', content },
        { title: 'Storm', content: content.replace('src', 'alt="Sea" src') },
      ],
      { contentMode: 'full' },
    ),
  ).toEqual(['no-alt-text Harbour']);
  expect(await findings([{ title: 'Harbour', content }])).toEqual([]);
});

test('what was shortened to fit is named', async () => {
  const content = `<p>${'Water. '.repeat(15_000)}</p>`;
  const [found] = await findings(
    [
      { title: 'Harbour', content },
      { title: 'Storm', content },
    ],
    { contentMode: 'full' },
  );
  expect(found).toMatch(/^shortened HTML is \d+ KB of 90; .*full texts? shortened/);
});

test('mail that nobody is known to sign is named, until there is a key that signs or the mail server does', async () => {
  expect(await findings(['Harbour'], { signedBy: null })).toEqual(['unsigned lantern.example']);
  expect(await findings(['Harbour'], { signedBy: 'paperround' })).toEqual(['unsigned lantern.example']);
  const { context } = testApp;
  await createDkimKeys(context, { domain: 'lantern.example', algorithms: ['ed25519-sha256'] });
  expect(await again({ signedBy: 'paperround' })).toEqual(['unsigned lantern.example']);
  await context.db.run(sql`update dkim_keys set signs_from = ${context.now()}`);
  expect(await again({ signedBy: 'paperround' })).toEqual([]);
});
