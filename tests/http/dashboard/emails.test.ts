import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { planDue } from '../../../src/deliveries/plan/plan-digests.js';
import { findArchivePage } from '../../../src/digests/archive/pages.js';
import { findDraft, listDrafts } from '../../../src/digests/drafts/reads.js';
import { listDigests } from '../../../src/digests/reads.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { describePlan } from '../../support/deliveries.js';
import { addArticles, addReader } from '../../support/fixtures.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../support/operator-session.js';
import { post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

const DESK = '/operator/publications/lantern';

beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication({ defaultCadence: 'daily', topics: ['Sea', 'Land'] });
  cookie = await enterDashboard(testApp);
  await addReader(testApp, publication, 'daily@example.com', { cadence: 'daily', watermark: 0 });
  await addReader(testApp, publication, 'weekly@example.com', {
    cadence: 'weekly',
    watermark: 0,
    locale: 'sw',
  });
});
afterEach(() => testApp.close());

const page = (path: string) => readDashboardPage(testApp, `/publications/lantern${path}`, cookie);
const press = (path: string, fields: Record<string, string>, as = cookie) =>
  post(`${testApp.url}${DESK}${path}`, fields, { cookie: as });
const source = async (path: string, as = cookie) =>
  (await fetch(`${testApp.url}${DESK}${path}`, { headers: { accept: 'text/html', cookie: as } })).text();
const draftOf = async (id: string) => findDraft(testApp.context.db, id);
const digests = () => listDigests(testApp.context.db, publication.id, 10);

async function begin(target: string): Promise<string> {
  const answer = await press('/emails', { for: target });
  expect(answer.status).toBe(303);
  return /emails\/([\w-]{36})/.exec(answer.headers.get('location') ?? '')?.[1] ?? '';
}

const led = (answer: Response) => (answer.headers.get('location') ?? '').replace(DESK, '');

test('an intro is written on a page, approved, and is in the next digest', async () => {
  await addArticles(testApp, publication, 'Harbour');
  expect(await page('/emails/new')).toContain('Write an intro');
  const id = await begin('daily');
  expect(await page(`/emails/${id}`)).toContain('these words are for the next daily digest');
  const saved = await press(`/emails/${id}`, { version: '1', note: 'Dear **all**,', next: 'approve' });
  expect(led(saved)).toBe(`/emails/${id}?done=approved`);
  expect(await page(`/emails/${id}?done=approved`)).toContain('Saved and approved.');
  expect(await source('/digests/coming/daily/preview/mail')).toContain('Dear <strong>all</strong>');
  testApp.advanceClock(HOUR_MS);
  await planDue(testApp.context);
  await testApp.runDueJobs();
  const [mail] = testApp.smtp.messages;
  expect(mail?.raw.toString().replaceAll('=\r\n', '').replaceAll(/\s+/g, ' ')).toContain(
    'Dear <strong>all</strong>',
  );
  expect(await page(`/emails/${id}`)).toContain('Its digest has begun');
  const late = await press(`/emails/${id}`, { version: '1', note: 'Too late' });
  expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('Too late')]);
  const kept = await press(`/emails/${id}/copy`, { version: '1', note: 'Too late' });
  const copy = /emails\/([\w-]{36})/.exec(led(kept))?.[1] ?? '';
  expect(await draftOf(copy)).toMatchObject({ cadence: null, state: 'draft', content: { note: 'Too late' } });
});

test('of two editors neither loses anything', async () => {
  const id = await begin('daily');
  await press(`/emails/${id}`, { version: '1', note: 'First', subject: '' });
  const second = await press(`/emails/${id}`, { version: '1', note: '', outro: 'Second', next: 'approve' });
  expect(led(second)).toBe(`/emails/${id}?also=note`);
  expect(await page(`/emails/${id}?also=note`)).toContain('Somebody else has changed “Intro” meanwhile');
  expect(await draftOf(id)).toMatchObject({
    state: 'draft',
    version: 3,
    content: { note: 'First', outro: 'Second' },
  });
  const clash = await press(`/emails/${id}`, { version: '2', outro: 'Third' });
  expect(clash.status).toBe(409);
  const shown = await clash.text();
  for (const words of ['Third', 'Second', 'Outro: somebody else has changed it'])
    expect(shown).toContain(words);
  expect((await draftOf(id))?.content.outro).toBe('Second');
  await press(`/emails/${id}`, { version: '3', outro: 'Third' });
  expect((await draftOf(id))?.content.outro).toBe('Third');
});

test('a mistake shows the form again as it was typed', async () => {
  const id = await begin('daily');
  const answer = await press(`/emails/${id}`, { version: '1', subject: 'x'.repeat(201), note: 'Kept' });
  const shown = await answer.text();
  expect(answer.status).toBe(422);
  for (const words of ['Subject is longer than 200 characters', 'Kept', 'x'.repeat(201)])
    expect(shown).toContain(words);
});

test('a letter without articles goes to everybody, once, with ways to leave, and is in the archive', async () => {
  const id = await begin('own');
  expect(await page(`/emails/${id}`)).toContain('All rhythms: everybody');
  const missing = await press(`/emails/${id}/send`, { ...newFormKey(), version: '1', when: 'now' });
  expect(led(missing)).toBe(`/emails/${id}/send?done=no-words`);
  await press(`/emails/${id}`, {
    version: '1',
    subject: 'We move',
    note: 'On Friday.',
    contents: 'none',
    cadence: 'all',
  });
  expect(await page(`/emails/${id}/send`)).toContain('Send to 2 readers');
  const key = newFormKey();
  const send = () => press(`/emails/${id}/send`, { ...key, version: '2', when: 'now' });
  const first = await send();
  expect(led(await send())).toBe(led(first));
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to).toSorted()).toEqual([
    'daily@example.com',
    'weekly@example.com',
  ]);
  expect(testApp.smtp.messages[0]?.raw.toString()).toMatch(
    /^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m,
  );
  const [digest] = await digests();
  expect(await findArchivePage(testApp.context, publication.id, digest?.id ?? '')).toMatchObject({
    kind: 'digest',
  });
});

test('an email goes to a rhythm, a topic and a language, and is taken back before its time', async () => {
  const id = await begin('own');
  const fields = {
    subject: 'Habari',
    note: 'Karibu',
    contents: 'none',
    cadence: 'weekly',
    locale: 'sw',
    topics: 'Sea',
  };
  await press(`/emails/${id}`, { version: '1', ...fields });
  expect((await draftOf(id))?.content.audience).toEqual({ cadence: 'weekly', locale: 'sw', topics: ['Sea'] });
  expect(await source(`/emails/${id}`)).toContain('value="sw"');
  await press(`/emails/${id}/send`, { ...newFormKey(), version: '2', when: 'later', at: '2026-11-23T10:00' });
  expect(await draftOf(id)).toMatchObject({ state: 'used' });
  expect(led(await press(`/emails/${id}/take-back`, { version: '2' }))).toBe(`/emails/${id}?done=taken-back`);
  expect(await digests()).toMatchObject([{ state: 'cancelled' }]);
  await press(`/emails/${id}/send`, { ...newFormKey(), version: '2', when: 'now' });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['weekly@example.com']);
});

test('articles are put in order, at the top, and left out', async () => {
  await addArticles(testApp, publication, 'One', 'Two', 'Three');
  const id = await begin('daily');
  const shown = await source(`/emails/${id}`);
  const ids = [...shown.matchAll(/name="place\.([\w-]{36})"/g)].map(([, article]) => article ?? '');
  expect(ids).toHaveLength(3);
  const [one, two, three] = ids;
  await press(`/emails/${id}`, {
    ...{ version: '1', next: 'approve' },
    ...{
      [`place.${one}`]: '',
      [`order.${one}`]: '1',
      [`place.${two}`]: 'later',
      [`place.${three}`]: 'first',
    },
  });
  testApp.advanceClock(HOUR_MS);
  await planDue(testApp.context);
  expect(await describePlan(testApp)).toEqual(['daily@example.com daily 2026-11-22: Three, One']);
});

test('a viewer looks and changes nothing; a draft of another newsletter is not there', async () => {
  const id = await begin('daily');
  await testApp.createPublication({ slug: 'tide', name: 'Tide' });
  const elsewhere = await post(
    `${testApp.url}/operator/publications/tide/emails/${id}`,
    { version: '1' },
    { cookie },
  );
  expect(elsewhere.status).toBe(404);
  const { id: viewerId } = await addOperator(testApp, 'viewer@example.com', 'viewer');
  const viewer = await enterDashboard(testApp, viewerId);
  const shown = await source(`/emails/${id}`, viewer);
  expect(shown).not.toContain('<textarea');
  expect((await press(`/emails/${id}`, { version: '1', note: 'x' }, viewer)).status).toBe(403);
  expect(await listDrafts(testApp.context.db, publication.id, { limit: 5 })).toHaveLength(1);
});
