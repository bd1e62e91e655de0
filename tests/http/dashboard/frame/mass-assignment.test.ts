import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { access } from '../../../../src/http/dashboard/frame/access.js';
import { createOperator } from '../../../../src/operators/accounts.js';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { enterDashboard, newFormKey } from '../../../support/operator-session.js';
import { post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let tides: Publication;
let editorId: string;
let began: Date;

beforeAll(async () => {
  testApp = await openTestApp();
  const lantern = await testApp.createPublication({}, { isLive: false });
  tides = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  const grant = { role: 'editor' as const, publicationIds: [lantern.id] };
  const editor = await createOperator(testApp.context, { email: 'ed@example.com', name: null, grant });
  editorId = editor?.id ?? '';
  began = testApp.context.now();
});
afterAll(() => testApp.close());

const NOBODY = '00000000-0000-7000-8000-000000000000';
/** This form alone says when a newsletter goes live. */
const GOES_LIVE = 'POST /publications/:slug/set-up/live';
/** Those that sign in are tried with what they sign in to. */
const forms = Object.entries(access).flatMap(([route, need]) =>
  route.startsWith('POST ') && route !== GOES_LIVE && need !== 'public' ? [route] : [],
);

/** What columns and settings are called, in each way that code may read them. */
function hostileFields(): Record<string, string> {
  const names: Record<string, string> = {
    isAdministrator: 'true',
    operatorId: editorId,
    publicationId: tides.id,
    liveAt: '2020-01-01T00:00:00Z',
    archivedAt: '2020-01-01T00:00:00Z',
    emailConfirmedAt: '2020-01-01T00:00:00Z',
    createdAt: '2020-01-01T00:00:00Z',
    removedAt: '2020-01-01T00:00:00Z',
    actorKind: 'system',
    emailKey: 'boss@example.com',
  };
  const inSql = Object.entries(names).map(([name, value]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return {
    ...names,
    ...(Object.fromEntries(inSql) as Record<string, string>),
    ...{ id: tides.id, email: 'boss@example.com', role: 'owner', administrator: 'on', state: 'closed' },
    ...{ '__proto__[isAdministrator]': 'true', 'constructor[prototype][role]': 'owner', scopes: 'send' },
  };
}

/** Who may do what, what another newsletter is, whether this one is live, and who is said to have changed something. */
async function rights(): Promise<unknown> {
  const { db } = testApp.context;
  return db.one(sql`
    select (select jsonb_agg(to_jsonb(o) - 'name' order by id) from operators o) as operators,
           (select jsonb_agg(r order by operator_id, publication_id) from operator_roles r) as roles,
           (select jsonb_agg(t) from api_tokens t) as tokens,
           (select jsonb_agg(i) from operator_invitations i) as invitations,
           (select jsonb_agg(p) from publications p where slug = 'tides') as tides,
           (select jsonb_agg(array[id::text, slug, live_at::text, archived_at::text, created_at::text] order by id)
              from publications) as states,
           (select jsonb_agg(kind) from activity where actor_kind <> 'operator' and created_at > ${began}) as others
  `);
}

test('no form takes a field that it does not have', async () => {
  const cookie = await enterDashboard(testApp, editorId);
  testApp.advanceClock(1000);
  const before = await rights();
  for (const route of forms) {
    const path = route.slice('POST '.length).replace(':slug', 'lantern').replaceAll(/:\w+/g, NOBODY);
    await post(`${testApp.url}/operator${path}`, { ...hostileFields(), ...newFormKey() }, { cookie });
    expect([route, await rights()]).toEqual([route, before]);
  }
});
