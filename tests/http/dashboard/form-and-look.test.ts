import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeHTML } from 'entities';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { findPublication } from '../../../src/publications/reads.js';
import { settingsSchema, type Publication } from '../../../src/publications/publication.js';
import { addArticles, addReader, resetTestApp } from '../../support/fixtures.js';
import { findForm } from '../../support/html-form.js';
import { enterDashboard, readDashboardPage } from '../../support/operator-session.js';
import { lastMail, open, post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const DESK = '/operator/publications/lantern';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
});

afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  cookie = await enterDashboard(testApp);
});

const html = async (path: string) => (await open(testApp.url + DESK + path, { cookie })).text();
const words = (path: string) => readDashboardPage(testApp, `/publications/lantern${path}`, cookie);

/** The codes to paste, by their kind. */
async function readCodes(query = ''): Promise<Record<string, string>> {
  const page = await html(`/form${query}`);
  return Object.fromEntries(
    [...page.matchAll(/<textarea id="code-([\w-]+)"[^>]*>(.*?)<\/textarea>/gs)].map(
      ([, kind = '', code = '']) => [kind, decodeHTML(code)],
    ),
  );
}

test('the page of forms has each with its preview, and a link', async () => {
  const codes = await readCodes();
  expect(Object.keys(codes)).toEqual(['script', 'isolated', 'plain', 'link', 'button-link']);
  expect(codes['script']).toContain(`<script async src="${testApp.url}/embed/lantern.js"></script>`);
  expect(codes['isolated']).toContain('<template shadowrootmode="open">');
  expect(codes['plain']).toContain(`action="${testApp.url}/lantern/subscriptions"`);
  expect(codes['link']).toMatch(new RegExp(`^<a href="${testApp.url}/lantern">[^<]*The Lantern[^<]*</a>$`));
  expect(codes['button-link']).toContain('background:#9a3412;color:#fff');
  expect(codes['button-link']).toMatch(/>Subscribe<\/a>$/);
  const frames = [...(await html('/form?theme=dark')).matchAll(/<iframe[^>]* src="([^"]+)"/g)].map(
    ([, src]) => src,
  );
  expect(frames).toHaveLength(3);
  for (const src of frames) {
    const preview = await open(`${testApp.url}${decodeHTML(src ?? '')}`);
    expect([src, preview.status, preview.headers.get('x-frame-options')]).toEqual([src, 200, 'SAMEORIGIN']);
  }
});

test('the rules of the prompt are said in sentences, and stand in the tag where they differ from the usual', async () => {
  expect(await words('/form')).toContain('No prompt comes: the form stands where you put it.');
  const query = '?prompt=slide-in&afterSeconds=45&afterScroll=90&fromArticle=1&atMost=1&button=Letters';
  const said = await words(`/form${query}`);
  expect(said).toContain('A form slides in beside the text, and takes no focus.');
  expect(said).toContain(
    'It comes once a reader has been on an article for 45 seconds and has reached 90 percent of it.',
  );
  expect(said).toContain('She sees it at most once.');
  expect((await readCodes(query))['script']).toContain(
    `<script async src="${testApp.url}/embed/lantern.js"\n  data-prompt="slide-in"\n  data-after-seconds="45"\n` +
      '  data-from-article="1"\n  data-at-most="1"\n  data-button="Letters"></script>',
  );
});

test('a rule that cannot be used is told, and what was typed stays', async () => {
  const answer = await open(
    `${testApp.url}${DESK}/form?prompt=dialog&atMost=many&afterSeconds=12&button=%22%3E%3Cscript%3E`,
    { cookie },
  );
  expect(answer.status).toBe(422);
  const page = await answer.text();
  expect(page).toContain('Prompts a reader ever sees is a whole number from 0 to 100.');
  expect(page).toContain('Words of the button are at most 60 characters');
  expect(page).not.toContain('"><script>');
  expect(findForm(page, '/form').fields).toMatchObject({
    ...{ prompt: 'dialog', atMost: 'many', afterSeconds: '12', button: '"><script>' },
  });
});

test('a colour in which words cannot be read is used in shades that can, with the figures', async () => {
  const { fields } = findForm(await html('/look'), '/look');
  expect(fields).toMatchObject({ accent: '', logo: '', contentMode: 'summary' });
  const wrong = await post(
    testApp.url + DESK + '/look',
    { ...fields, accent: 'yellow', logo: 'http://x.example/a.png' },
    { cookie },
  );
  expect(wrong.status).toBe(422);
  const again = await wrong.text();
  expect(again).toContain('Colour is a colour like #9a3412.');
  expect(again).toContain('Address of the logo is not a web address like https://example.com/logo.png.');
  const typed = findForm(again, '/look').fields;
  const saved = await post(
    testApp.url + DESK + '/look',
    { ...typed, accent: '#FFEE00', logo: 'https://lantern.example/logo.png', contentMode: 'full' },
    { cookie },
  );
  expect(saved.headers.get('location')).toBe(`${DESK}/look?done=saved`);
  expect(await findPublication(testApp.context.db, publication.id)).toEqual({
    ...publication,
    ...{ accent: '#ffee00', logo: 'https://lantern.example/logo.png', contentMode: 'full' },
  });
  const said = await words('/look');
  expect(said).toMatch(
    /On light pages and in mails #[0-9a-f]{6}: 4\.\d to 1\. Yours would have 1\.\d to 1\./,
  );
  expect(said).toMatch(/On dark ones #ffee00: 1\d\.\d to 1\./);
  expect(await html('/look')).toContain('<img class="logo-preview" src="https://lantern.example/logo.png"');
});

test('the next subject is shown as it will be, with all that waits and with one article', async () => {
  expect(await words('/look')).toContain('No article has come out yet to show it with.');
  await addArticles(testApp, publication, 'Storm', 'Harbour');
  expect(await words('/look')).toContain(
    'The next subject Storm, and one more With the first article alone: Storm',
  );
  const { fields } = findForm(await html('/look'), '/look');
  const save = (subjectTemplate: string) =>
    post(testApp.url + DESK + '/look', { ...fields, subjectTemplate }, { cookie });
  const wrong = await save('{name}: {first}');
  expect(wrong.status).toBe(422);
  const again = await wrong.text();
  expect(again).toContain('Wording of subjects has {name}; what may stand in braces is first, more');
  expect(findForm(again, '/look').fields).toMatchObject({ subjectTemplate: '{name}: {first}' });
  expect((await save('{newsletter}: {first}[ +{more}]')).status).toBe(303);
  expect(await words('/look')).toContain(
    'The next subject The Lantern: Storm +1 With the first article alone: The Lantern: Storm',
  );
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily' });
  await sendOperatorDigest(testApp.context, publication.id);
  await testApp.runDueJobs();
  expect((await lastMail(testApp)).subject).toBe('The Lantern: Storm +1');
  expect(await (await open(`${testApp.url}/lantern/archive`)).text()).toContain('The Lantern: Storm +1');
});

test('every setting of a newsletter is on one page, and on one only', async () => {
  const paths = ['/settings', '/settings/sender', '/look', '/look/welcome'];
  const names = await Promise.all(
    paths.map(async (path) => Object.keys(findForm(await html(path), path).fields)),
  );
  const shown = names.flat().filter((name) => !name.startsWith('seen.'));
  expect(shown.toSorted()).toEqual(Object.keys(settingsSchema.shape).toSorted());
});
