import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addFeed } from '../../../../src/articles/feeds/change-feeds.js';
import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { access } from '../../../../src/http/dashboard/frame/access.js';
import { writeDraft } from '../../../../src/digests/drafts/write-draft.js';
import { createOperator } from '../../../../src/operators/accounts.js';
import { createToken } from '../../../../src/operators/api-token.js';
import { inviteToPublication } from '../../../../src/operators/invitations/invite.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { readFile } from '../../../../src/subscribers/suppression/add-file.js';
import { suppressAddress } from '../../../../src/subscribers/suppression/operator-changes.js';
import { createImport } from '../../../../src/subscribers/import/prepare-import.js';
import { prepareReaderChange } from '../../../../src/subscribers/together/change-readers.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { addReaders } from '../../../support/fixtures.js';
import { enterDashboard, newFormKey } from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let lantern: Publication;
let tides: Publication;
let rows: Record<Noun, string>;
/** Owner of the Lantern alone; owner of both; administrator. */
let cookies: { one: string; both: string; administrator: string };

type Noun =
  | 'digest'
  | 'draft'
  | 'article'
  | 'hold'
  | 'feed'
  | 'reader'
  | 'readers'
  | 'suppression'
  | 'suppressionFile'
  | 'import'
  | 'person'
  | 'invitation'
  | 'token';

/** Of what the id in a path is; the first that fits. */
const NOUNS: readonly (readonly [RegExp, Noun])[] = [
  [/\/articles\/holds\/:id/, 'hold'],
  [/\/articles\/:id/, 'article'],
  [/\/digests\/:id/, 'digest'],
  [/\/emails\/:id/, 'draft'],
  [/\/feeds\/:id/, 'feed'],
  [/\/readers\/together\/:id/, 'readers'],
  [/\/readers\/import\/:id/, 'import'],
  [/\/do-not-mail\/files\/:id/, 'suppressionFile'],
  [/\/do-not-mail\/:id/, 'suppression'],
  [/\/readers\/:id/, 'reader'],
  [/\/people\/invitations\/:id/, 'invitation'],
  [/\/people\/:id/, 'person'],
  [/\/programs\/:id/, 'token'],
];

/** Paths with an id of something that is of no publication: of the server, of the account, or of a mail that tells of it. */
const OF_NO_PUBLICATION = [
  'GET /alerts/:id',
  'POST /health/hooks/:id/secret',
  'POST /health/hooks/:id/remove',
  'POST /health/hooks/:id/test',
  'POST /account/passkeys/:id/remove',
  'POST /account/sessions/:id/end',
  'POST /publications/:slug/circuits/:id/resume',
];

const COUNTERS = ['rate_limits', 'operator_sessions'];

beforeAll(async () => {
  testApp = await openTestApp();
  lantern = await testApp.createPublication();
  tides = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  rows = await addRows();
  cookies = {
    one: await enter('one@example.com', [lantern.id]),
    both: await enter('both@example.com', [lantern.id, tides.id]),
    administrator: await enter('boss@example.com'),
  };
});
afterAll(() => testApp.close());

/** @param publicationIds none: an administrator */
async function enter(email: string, publicationIds?: string[]): Promise<string> {
  const grant =
    publicationIds === undefined ? ('administrator' as const) : { role: 'owner' as const, publicationIds };
  const operator = await createOperator(testApp.context, { email, name: null, grant });
  return enterDashboard(testApp, operator?.id ?? '');
}

/** A row of each kind at the other newsletter. */
async function addRows(): Promise<Record<Noun, string>> {
  const { context } = testApp;
  const { db } = context;
  const publicationId = tides.id;
  const feed = await addFeed(context, { publicationId, url: 'https://tides.example/feed', includeNewest: 0 });
  // Without text it is held.
  const article = await pushArticle(context, tides, { title: 'A', url: 'https://tides.example/a' });
  const { holdId } = await db.one<{ holdId: string }>(sql`select hold_id from articles`);
  const { id: digest } = await db.one<{ id: string }>(sql`
    insert into digests (publication_id, cadence, period, state, reason, expires_at, key_id, created_at)
    values (${publicationId}, 'daily', '2026-11-22', 'held', 'Waiting.', '2026-12-01', 'k', '2026-11-22') returning id
  `);
  const grant = { role: 'editor' as const, publicationIds: [publicationId] };
  const person = await createOperator(context, { email: 'there@example.com', name: null, grant });
  const what = { role: 'viewer' as const, isAdministrator: false, invitedBy: null, publicationId };
  const invited = await inviteToPublication(context, { email: 'new@example.com', ...what });
  const token = await createToken(context, { name: 'Theirs', scopes: ['read'], publicationId });
  const [reader] = await addReaders(testApp, tides, ['reader@example.com']);
  const readers = await prepareReaderChange(context, { publicationId, filter: {} }, 'unsubscribe');
  const own = { cadence: null, period: null, closesAt: null };
  const { draft } = await writeDraft(context, publicationId, own, { subject: 'Ebb', note: 'Low.' });
  await suppressAddress(context, { emailKey: 'reader@example.com', publicationId, note: 'asked' });
  const suppression = await db.one<{ id: string }>(sql`select id from suppressions`);
  const file = await readFile(
    context,
    { publicationId, note: 'old list' },
    Readable.from([Buffer.from('a@b.example')]),
  );
  const imported = await createImport(context, tides, { product: 'ghost', productName: 'Ghost' });
  return {
    suppression: suppression.id,
    import: imported.kind === 'created' ? imported.id : '',
    suppressionFile: file.id,
    digest,
    draft: draft.id,
    reader: reader?.id ?? '',
    readers: readers.id,
    article: article.id,
    hold: holdId,
    feed: feed.kind === 'added' ? feed.feedId : '',
    person: person?.id ?? '',
    invitation: invited.kind === 'invited' ? invited.invitation.id : '',
    token: token.id,
  };
}

/** What every form may have, so that a handler gets as far as it can. */
const FIELDS = {
  version: '1',
  for: 'own',
  role: 'viewer',
  administrator: 'on',
  release: 'all',
  as: 'resend',
  choice: 'all',
};

function request(route: string, path: string, cookie: string): Promise<Response> {
  const url = `${testApp.url}/operator${path}`;
  return route.startsWith('GET')
    ? open(url, { cookie })
    : post(url, { ...FIELDS, ...newFormKey() }, { cookie });
}

const nounOf = (path: string) => NOUNS.find(([pattern]) => pattern.test(path))?.[1];
const withIds = Object.keys(access).filter(
  (route) => /:id\b/.test(route) && !OF_NO_PUBLICATION.includes(route),
);
const below = Object.keys(access).filter((route) => route.includes('/publications/:slug'));

test('of every id in a path it is known here of what it is', () => {
  expect(withIds.filter((route) => nounOf(route) === undefined)).toEqual([]);
  expect(OF_NO_PUBLICATION.filter((route) => !(route in access))).toEqual([]);
});

test('no path finds what is of another newsletter, whoever asks, and nothing is changed', async () => {
  const before = await dumpTables(testApp.context.db, COUNTERS);
  for (const route of withIds) {
    const path = pathOf(route, 'lantern');
    // The short address of a digest leads who has a role there to its page.
    const askers = path.includes('/publications/')
      ? Object.entries(cookies)
      : [['one', cookies.one] as const];
    for (const [who, cookie] of askers) {
      const isRefused = access[route] === 'administer' && who !== 'administrator';
      // An administrator decides who is one, on whichever newsletter's page.
      if (access[route] === 'administer' && who === 'administrator') continue;
      const { status } = await request(route, path, cookie);
      expect([route, who, status]).toEqual([route, who, isRefused ? 403 : 404]);
    }
  }
  expect(changedTables(before, await dumpTables(testApp.context.db, COUNTERS))).toEqual([]);
});

test('who has no role at a newsletter is answered as if it were not there, on every page, and by no page in a frame', async () => {
  const before = await dumpTables(testApp.context.db, COUNTERS);
  for (const route of below) {
    const { status, headers } = await request(route, pathOf(route, 'tides'), cookies.one);
    const policy = headers.get('content-security-policy');
    expect([route, status, policy]).toEqual([route, 404, expect.stringContaining("frame-ancestors 'none'")]);
  }
  expect(changedTables(before, await dumpTables(testApp.context.db, COUNTERS))).toEqual([]);
});

/** With the id of a row of the other newsletter. */
function pathOf(route: string, slug: string): string {
  return (route.split(' ')[1] ?? '')
    .replace(':slug', slug)
    .replace(':id', rows[nounOf(route) ?? 'digest'])
    .replaceAll(/:\w+/g, 'daily');
}
