import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { updatePublication } from '../../../../src/publications/change-publication.js';
import { findPublication } from '../../../../src/publications/reads.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { findForm } from '../../../support/html-form.js';
import { addOperator, enterDashboard, readDashboardPage } from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const PATH = '/operator/publications/lantern/settings';

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

/** What the page's form would send. */
async function readFields(): Promise<Record<string, string>> {
  const html = await (await open(testApp.url + PATH, { cookie })).text();
  return findForm(html, '/settings').fields;
}

const send = (fields: Record<string, string>) => post(testApp.url + PATH, fields, { cookie });
const stored = async () => ({ ...(await findPublication(testApp.context.db, publication.id)) });

test('an editor changes what the form shows, and nothing else changes', async () => {
  const fields = await readFields();
  const saved = await send({
    ...fields,
    name: 'The Lamp',
    hour: '21',
    approval: 'on',
    topics: 'Sea\r\n\r\n Sky \r\n',
  });
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `${PATH}?done=saved`]);
  expect(await stored()).toEqual({
    ...publication,
    name: 'The Lamp',
    hour: 21,
    approval: true,
    topics: ['Sea', 'Sky'],
  });
  expect(await readDashboardPage(testApp, '/publications/lantern/settings?done=saved', cookie)).toContain(
    'Saved. Mails made from now on use it.',
  );
});

test('a form that is sent as it came changes nothing, and says so', async () => {
  const sent = await send(await readFields());
  expect(sent.headers.get('location')).toBe(`${PATH}?done=nothing`);
  expect(await stored()).toEqual(publication);
});

test('a mistake saves nothing, keeps all that was typed, and is told in the words of the command line', async () => {
  const answer = await send({
    ...(await readFields()),
    name: 'The <b>Lamp</b>',
    siteUrl: 'lantern.example',
    dayOfMonth: '32',
    timezone: 'Mars/Base',
    topics: `Sea\r\n${'x'.repeat(70)}`,
  });
  expect(answer.status).toBe(422);
  const html = await answer.text();
  expect(await stored()).toEqual(publication);
  expect(html).toContain('<title>Error: Settings: The Lantern</title>');
  expect(html).toContain(
    '<a href="#siteUrl">Address of your site is not a web address like https://example.com.</a>',
  );
  expect(html).toContain('Day of monthly mail is a whole number from 1 to 31.');
  expect(html).toContain(`List of topics has “${'x'.repeat(70)}”, which is longer than 60 characters.`);
  const { fields } = findForm(html, '/settings');
  expect(fields).toMatchObject({
    name: 'The <b>Lamp</b>',
    siteUrl: 'lantern.example',
    dayOfMonth: '32',
    topics: `Sea\r\n${'x'.repeat(70)}`,
    'seen.name': 'The Lantern',
  });
  // Mended, the same form is saved with all that was typed.
  await send({
    ...fields,
    siteUrl: 'https://lamp.example/',
    dayOfMonth: '3',
    timezone: 'UTC',
    topics: 'Sea',
  });
  expect(await stored()).toMatchObject({
    name: 'The <b>Lamp</b>',
    siteUrl: 'https://lamp.example/',
    dayOfMonth: 3,
  });
});

test('an optional setting is taken away by emptying its field, and a needed one is not', async () => {
  const answer = await send({ ...(await readFields()), contact: ' ', name: ' ' });
  expect(await answer.text()).toContain('Name is empty.');
  await send({ ...(await readFields()), contact: ' ' });
  expect(await stored()).toEqual({ ...publication, contact: null });
});

test('under another name the pages move, and the old addresses lead on', async () => {
  const answer = await send({ ...(await readFields()), slug: 'lamp' });
  const to = answer.headers.get('location') ?? '';
  expect(to).toBe('/operator/publications/lamp/settings?done=saved&was=lantern');
  expect(await readDashboardPage(testApp, to.replace('/operator', ''), cookie)).toContain(
    'Forms, feeds and links that name “lantern” go on working and lead to the new name',
  );
  expect((await open(`${testApp.url}/lantern`)).status).toBe(301);
  expect((await open(testApp.url + PATH, { cookie })).status).toBe(200);
});

test('a name that another newsletter has or had is refused, and what was typed beside it stays', async () => {
  const other = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  await updatePublication(testApp.context, other.id, { slug: 'tide-table' });
  const answer = await send({ ...(await readFields()), slug: 'tides', name: 'Another' });
  const html = await answer.text();
  expect(answer.status).toBe(422);
  expect(html).toContain('&#34;tides&#34; was the slug of Tides (&#34;tide-table&#34;)');
  expect(findForm(html, '/settings').fields).toMatchObject({ slug: 'tides', name: 'Another' });
  expect(await stored()).toEqual(publication);
});

test('two who change different settings at once keep both, and the second is told', async () => {
  const [first, second] = [await readFields(), await readFields()];
  await send({ ...first, name: 'First', hour: '5' });
  const answer = await send({ ...second, contact: 'second@lantern.example' });
  expect(await stored()).toEqual({
    ...publication,
    name: 'First',
    hour: 5,
    contact: 'second@lantern.example',
  });
  const location = answer.headers.get('location') ?? '';
  expect(await readDashboardPage(testApp, location.replace('/operator', ''), cookie)).toContain(
    'Saved. Mails made from now on use it. Somebody else has changed “Name”, “Hour” meanwhile; that is kept.',
  );
});

test('of two who change the same setting the second sees the first one, and decides', async () => {
  const [first, second] = [await readFields(), await readFields()];
  await send({ ...first, defaultCadence: 'weekly', name: 'First' });
  const answer = await send({ ...second, defaultCadence: 'monthly', contact: 'second@lantern.example' });
  const html = await answer.text();
  expect(answer.status).toBe(422);
  expect(html).toContain(
    'How often: somebody else changed it to “Every week” while this page was open. Save again to put yours in its place.',
  );
  expect(await stored()).toEqual({ ...publication, name: 'First', defaultCadence: 'weekly' });
  const { fields } = findForm(html, '/settings');
  expect(fields).toMatchObject({
    defaultCadence: 'monthly',
    name: 'First',
    contact: 'second@lantern.example',
  });
  await send(fields);
  expect(await stored()).toMatchObject({
    name: 'First',
    defaultCadence: 'monthly',
    contact: 'second@lantern.example',
  });
});

test('of many who save at the same moment each is stored or sees another', async () => {
  const fields = await readFields();
  const names = Array.from({ length: 8 }, (_, at) => `Name ${at}`);
  const answers = await Promise.all(names.map((name) => send({ ...fields, name })));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(7);
  expect(names).toContain((await stored()).name);
});

test('a form cannot set what it does not show', async () => {
  const fields = await readFields();
  await send({
    ...fields,
    lastSeq: '7',
    id: publication.id,
    fromAddress: 'x@y.example',
    archivedAt: '2026-01-01',
  });
  expect(await stored()).toEqual(publication);
  const twice = await post(`${testApp.url}${PATH}`, 'name=a&name=b', { cookie });
  expect(twice.status).toBe(400);
  expect(await stored()).toEqual(publication);
});

test('a viewer sees the settings and has no button', async () => {
  const viewer = await addOperator(testApp, 'viewer@lantern.example', 'viewer');
  const session = await enterDashboard(testApp, viewer?.id);
  const html = await (await open(testApp.url + PATH, { cookie: session })).text();
  expect(html).toContain('You may look, and not change');
  expect(html).not.toContain('>Save</button>');
  expect(html.match(/<fieldset[^>]*>/g)?.every((tag) => tag.includes(' disabled'))).toBe(true);
  expect((await post(testApp.url + PATH, { name: 'Mine' }, { cookie: session })).status).toBe(403);
  expect(await stored()).toEqual(publication);
});
