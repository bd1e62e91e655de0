import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { createOperator } from '../../../src/operators/accounts.js';
import { setRole } from '../../../src/operators/change-role.js';
import { createToken, hashSecret, scopes } from '../../../src/operators/api-token.js';
import { findToken } from '../../../src/operators/reads.js';
import { checkAccess } from '../../../src/http/api/protocol/endpoint-access.js';
import { apiAccess } from '../../../src/http/api/access.js';
import { endpoints } from '../../../src/http/api/routes.js';
import { sql } from '../../../src/platform/db/sql.js';
import { writeDraft } from '../../../src/digests/drafts/write-draft.js';
import type { Publication } from '../../../src/publications/publication.js';
import { suppressAddress } from '../../../src/subscribers/suppression/operator-changes.js';
import { addReader } from '../../support/fixtures.js';
import { signUp } from '../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

/** A request of each endpoint about the newsletter “harbour”, that would be answered otherwise than 404. */
type Request = { path: string; body?: object };

let testApp: TestApp;
let harbour: Publication;
let tides: Publication;
let requests: Record<string, Request>;

beforeAll(async () => {
  testApp = await openTestApp();
  harbour = await testApp.createPublication({ slug: 'harbour' });
  tides = await testApp.createPublication({ slug: 'tides' });
  requests = requestsAbout(await addRows());
});
afterAll(() => testApp.close());

type Rows = Record<
  'article' | 'hold' | 'feed' | 'digest' | 'draft' | 'subscription' | 'signUp' | 'suppression' | 'export',
  string
>;

/** A row of each kind. */
async function addRows(): Promise<Rows> {
  const { context } = testApp;
  const feed = await addFeed(context, {
    publicationId: harbour.id,
    url: 'https://harbour.example/feed',
    includeNewest: 0,
  });
  // Without text it is held.
  const pushed = await pushArticle(context, harbour, { title: 'A', url: 'https://harbour.example/a' });
  const { holdId } = await context.db.one<{ holdId: string }>(sql`select hold_id from articles`);
  const { id: digest } = await context.db.one<{ id: string }>(sql`
    insert into digests (publication_id, cadence, period, state, reason, expires_at, key_id, created_at)
    values (${harbour.id}, 'daily', '2026-11-22', 'held', 'Waiting.', '2026-12-01', 'k', '2026-11-22') returning id
  `);
  const own = { cadence: null, period: null, closesAt: null };
  const { draft } = await writeDraft(context, harbour.id, own, { subject: 'Ebb', note: 'Low.' });
  const subscription = await addReader(testApp, harbour, 'ada@example.com');
  await signUp(testApp, 'bo@example.com', { slug: 'harbour' });
  const { id: signUpId } = await context.db.one<{ id: string }>(sql`
    update sign_up_requests set outcome = 'held', reasons = '{unproved}' returning id
  `);
  await suppressAddress(context, { emailKey: 'bo@example.com', publicationId: harbour.id, note: 'asked' });
  const suppression = await context.db.one<{ id: string }>(sql`select id from suppressions`);
  const exported = await context.db.one<{ id: string }>(sql`
    insert into exports (publication_id, format, filter, created_at) values (${harbour.id}, 'jsonl', '{}', now()) returning id
  `);
  return {
    suppression: suppression.id,
    export: exported.id,
    feed: feed.kind === 'added' ? feed.feedId : '',
    article: pushed.id,
    hold: holdId,
    digest,
    draft: draft.id,
    subscription: subscription.id,
    signUp: signUpId,
  };
}

function requestsAbout(rows: Rows): Record<string, Request> {
  const query = '?publication=harbour';
  const article = { title: 'B', url: 'https://harbour.example/b', content: '<p>B</p>' };
  return {
    listPublications: { path: '/publications' },
    createPublication: { path: '/publications', body: newPublication },
    showPublication: { path: `/publications/${harbour.id}` },
    changePublication: { path: '/publications/harbour', body: { hour: 9 } },
    archivePublication: { path: '/publications/harbour/archival' },
    listFeeds: { path: `/feeds${query}` },
    addFeed: { path: '/feeds', body: { publication: 'harbour', url: 'https://harbour.example/other' } },
    showFeed: { path: `/feeds/${rows.feed}` },
    pollFeed: { path: `/feeds/${rows.feed}/poll` },
    removeFeed: { path: `/feeds/${rows.feed}` },
    listArticles: { path: `/articles${query}` },
    pushArticle: { path: '/articles', body: { publication: harbour.id, ...article } },
    showArticle: { path: `/articles/${rows.article}` },
    correctArticle: { path: `/articles/${rows.article}`, body: { title: 'C' } },
    retractArticle: { path: `/articles/${rows.article}` },
    releaseArticle: { path: `/articles/${rows.article}/release` },
    holdArticle: { path: `/articles/${rows.article}/hold` },
    listArticleHolds: { path: `/article-holds${query}` },
    showArticleHold: { path: `/article-holds/${rows.hold}` },
    decideArticleHold: { path: `/article-holds/${rows.hold}/decision`, body: { release: 'all' } },
    listSubscriptions: { path: '/subscriptions' },
    createSubscription: {
      path: '/subscriptions',
      body: { publication: 'harbour', email: 'new@example.com' },
    },
    showSubscription: { path: `/subscriptions/${rows.subscription}` },
    changeSubscription: { path: `/subscriptions/${rows.subscription}`, body: { cadence: 'weekly' } },
    unsubscribe: { path: `/subscriptions/${rows.subscription}/unsubscription` },
    eraseSubscription: { path: `/subscriptions/${rows.subscription}` },
    listSuppressions: { path: `/suppressions${query}` },
    addSuppression: {
      path: '/suppressions',
      body: { publication: 'harbour', email: 'ada@example.com', note: 'asked' },
    },
    createExport: { path: '/exports', body: { publication: 'harbour' } },
    showExport: { path: `/exports/${rows.export}` },
    downloadExport: { path: `/exports/${rows.export}/file` },
    liftSuppression: { path: `/suppressions/${rows.suppression}${query}&note=asked` },
    listSignUpHolds: { path: `/sign-up-holds${query}` },
    releaseSignUpHold: { path: `/sign-up-holds/${rows.signUp}/release` },
    deleteSignUpHold: { path: `/sign-up-holds/${rows.signUp}` },
    showAttackMode: { path: '/publications/harbour/attack' },
    switchAttackMode: { path: '/publications/harbour/attack', body: { on: true } },
    listDigests: { path: `/digests${query}` },
    createDigest: { path: '/digests', body: { publication: 'harbour', dryRun: false } },
    showDigest: { path: `/digests/${rows.digest}` },
    listDeliveries: { path: `/digests/${rows.digest}/deliveries` },
    approveDigest: { path: `/digests/${rows.digest}/approval` },
    pauseDigest: { path: `/digests/${rows.digest}/pause` },
    resumeDigest: { path: `/digests/${rows.digest}/pause` },
    cancelDigest: { path: `/digests/${rows.digest}/cancellation` },
    listDrafts: { path: `/drafts${query}` },
    createDraft: { path: '/drafts', body: { publication: 'harbour', subject: 'Ebb' } },
    showDraft: { path: `/drafts/${rows.draft}` },
    changeDraft: { path: `/drafts/${rows.draft}`, body: { version: 1, subject: 'Flow' } },
    discardDraft: { path: `/drafts/${rows.draft}?version=1` },
    approveDraft: { path: `/drafts/${rows.draft}/approval`, body: { version: 1 } },
    takeDraftBack: { path: `/drafts/${rows.draft}/approval?version=1` },
    sendDraft: { path: `/drafts/${rows.draft}/digest`, body: { version: 1 } },
    listEvents: { path: `/events${query}` },
    listHooks: { path: '/hooks' },
    addHook: { path: '/hooks', body: { provider: 'brevo', secret: 'a'.repeat(32) } },
    removeHook: { path: `/hooks/${rows.digest}` },
    listFailedRows: { path: `/failed-rows${query}` },
    listAudit: { path: `/audit${query}` },
  };
}

const newPublication = {
  ...{ slug: 'gazette', name: 'New', siteUrl: 'https://new.example', fromAddress: 'news@new.example' },
  ...{ postalAddress: '1 Quay Street', contact: 'help@new.example', timezone: 'UTC' },
};

/** Those of which a token of another newsletter gets no 404: lists of what it reaches, and what is of the whole server. */
const EMPTY_LISTS = ['listPublications', 'listSubscriptions'];
const OF_THE_SERVER = ['createPublication', 'listHooks', 'addHook', 'removeHook'];

async function call(
  token: string,
  operationId: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const endpoint = endpoints.find((one) => one.operationId === operationId);
  const request = requests[operationId];
  if (endpoint === undefined || request === undefined) throw new Error(`No request for ${operationId}`);
  const answer = await fetch(`${testApp.url}/api/v1${request.path}`, {
    method: endpoint.method.toUpperCase(),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await answer.text();
  const isJson = /json\b/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

test('every endpoint has a line in the table of what it needs, and one without a line is for nobody', async () => {
  expect(Object.keys(apiAccess).toSorted()).toEqual(
    endpoints.map(({ operationId }) => operationId).toSorted(),
  );
  const { db } = testApp.context;
  const made = await createToken(testApp.context, { name: 'Everything', scopes: [...scopes] });
  const token = await findToken(db, hashSecret(made.token));
  if (token === undefined) throw new Error('There is no such token');
  const input = { params: {}, query: {}, body: {} };
  await expect(checkAccess(db, token, undefined, input)).rejects.toMatchObject({ status: 403 });
  await expect(checkAccess(db, token, apiAccess['listPublications'], input)).resolves.toBeDefined();
});

test('this test has a request for every endpoint of the API, and for no other', () => {
  expect(Object.keys(requests).toSorted()).toEqual(
    endpoints.map(({ operationId }) => operationId).toSorted(),
  );
});

test.each(endpoints.map(({ operationId }) => operationId))(
  '%s finds nothing of another newsletter with a token that is bound to one, and changes nothing',
  async (operationId) => {
    const { db } = testApp.context;
    const { token } = await createToken(testApp.context, {
      ...{ name: 'Tides', scopes: [...scopes], publicationId: tides.id },
    });
    const except = ['rate_limits', 'api_tokens', 'activity', 'transports'];
    const before = await dumpTables(db, except);
    const { status, body } = await call(token, operationId);
    if (EMPTY_LISTS.includes(operationId)) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain(harbour.id);
    } else {
      expect([operationId, status]).toEqual([operationId, OF_THE_SERVER.includes(operationId) ? 403 : 404]);
    }
    expect(changedTables(before, await dumpTables(db, except))).toEqual([]);
  },
);

test.each(endpoints.map(({ operationId }) => operationId))(
  '%s may be used no further than the maker of the token may go now',
  async (operationId) => {
    const grant = { role: 'viewer' as const, publicationIds: [harbour.id] };
    const email = `${operationId.toLowerCase()}@example.com`;
    const maker = await createOperator(testApp.context, { email, name: null, grant });
    const operatorId = maker?.id ?? '';
    const { token } = await createToken(testApp.context, { name: 'Mine', scopes: [...scopes], operatorId });
    const endpoint = endpoints.find((one) => one.operationId === operationId);
    const needs = apiAccess[operationId]?.need ?? 'administer';
    const { status } = await call(token, operationId);
    if (needs === 'look') expect(status).toBe(200);
    else if (EMPTY_LISTS.includes(operationId)) expect([operationId, status]).toEqual([operationId, 200]);
    else expect([operationId, status]).toEqual([operationId, 403]);
    // What the others change is tried elsewhere, by tokens that may.
    if (needs !== 'own' && (needs !== 'change' || endpoint?.method !== 'get')) return;
    await setRole(testApp.context, { operatorId, publicationId: harbour.id, role: 'editor' });
    expect((await call(token, operationId)).status).toBe(needs === 'own' ? 403 : 200);
  },
);

test('readers’ addresses are in no answer to a token whose maker is a viewer', async () => {
  const grant = { role: 'viewer' as const, publicationIds: [harbour.id] };
  const maker = await createOperator(testApp.context, { email: 'eve@example.com', name: null, grant });
  const operatorId = maker?.id ?? '';
  const { token } = await createToken(testApp.context, { name: 'Mine', scopes: ['read'], operatorId });
  for (const { operationId, method } of endpoints)
    if (method === 'get') {
      const { body } = await call(token, operationId);
      expect([operationId, JSON.stringify(body)]).toEqual([
        operationId,
        expect.not.stringMatching(/ada@|bo@/),
      ]);
    }
});
