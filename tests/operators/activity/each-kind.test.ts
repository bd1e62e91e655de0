import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { activityKinds, kindOf, type ActivityKind } from '../../../src/operators/activity/kinds.js';
import { actingAs, type Actor } from '../../../src/platform/actor.js';
import type { Context } from '../../../src/platform/context.js';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import { resetTestApp } from '../../support/fixtures.js';
import { startFeedServer, type FeedServer } from '../../support/feed-server.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { articleScenarios } from './scenarios/articles.js';
import { digestScenarios } from './scenarios/digests.js';
import { draftScenarios } from './scenarios/drafts.js';
import { publicationScenarios } from './scenarios/publications.js';
import { readerScenarios } from './scenarios/readers.js';
import type { Scenario } from './scenarios/scenario.js';
import { serverScenarios } from './scenarios/server.js';

const scenarios: Partial<Record<ActivityKind, Scenario>> = {
  ...publicationScenarios,
  ...articleScenarios,
  ...digestScenarios,
  ...draftScenarios,
  ...readerScenarios,
  ...serverScenarios,
};

/** Tables that only count requests and forms. */
const COUNTERS = ['rate_limits', 'sign_up_limits', 'sign_up_counts'];

let app: TestApp;
let server: FeedServer;
beforeAll(async () => {
  app = await openTestApp();
  server = await startFeedServer();
});
beforeEach(async () => {
  await resetTestApp(app);
  server.articles.length = 0;
});
afterAll(async () => {
  await app.close();
  await server.close();
});

test('every kind of change has a scenario', () => {
  expect(Object.keys(scenarios).toSorted()).toEqual(activityKinds.toSorted());
});

describe.each(Object.entries(scenarios) as [ActivityKind, Scenario][])('%s', (kind, scenario) => {
  const { by, bySystem = false, byOwnAccount = false, notedIn = [], prepare } = scenario;
  const aside = [...COUNTERS, ...notedIn];
  const actor: Actor = by === 'operator' || by === 'token' ? { kind: by, id: randomUUID() } : { kind: by };

  test('is recorded with who made it, what it was about, and nothing that its kind does not name', async () => {
    const act = await prepare({ app, server });
    await forgetActivity(app.context.db);
    await act(actingAs(app.context, actor));
    const [row, ...others] = await rowsOf(kind);
    expect(others).toEqual([]);
    const { subject, before, after } = kindOf(kind);
    expect(row).toMatchObject({
      actorKind: bySystem ? 'system' : by,
      actorId: byOwnAccount ? expect.any(String) : !bySystem && 'id' in actor ? actor.id : null,
      subjectType: subject,
      createdAt: app.context.now(),
    });
    for (const [schema, payload] of [
      [before, row?.before],
      [after, row?.after],
    ] as const)
      expect(schema === null ? payload : schema.parse(payload)).toEqual(payload);
    // What was used above: none of it may be here, nor anything else that looks like an address or a secret.
    expect(JSON.stringify(row)).not.toMatch(/[^\s/"]@|secret/);
  });

  test('is not recorded when its transaction fails', async () => {
    const act = await prepare({ app, server });
    await forgetActivity(app.context.db);
    await actAndFail(act, actingAs(cutOff(app.context), actor));
    expect(await rowsOf(kind)).toEqual([]);
  });

  test('does not happen when it cannot be recorded', async () => {
    const act = await prepare({ app, server });
    await forgetActivity(app.context.db);
    const before = await dumpTables(app.context.db, aside);
    await app.context.db.run(sql`alter table activity add constraint full_disk check (false) not valid`);
    try {
      await actAndFail(act, actingAs(app.context, actor));
    } finally {
      await app.context.db.run(sql`alter table activity drop constraint full_disk`);
    }
    const after = await dumpTables(app.context.db, aside);
    expect(changedTables(before, after)).toEqual([]);
  });
});

/** It may answer that it could not, or throw. */
async function actAndFail(act: (context: Context) => Promise<unknown>, context: Context): Promise<void> {
  await act(context).catch(() => {});
}

/** Every transaction does its work, and is rolled back at its end. */
function cutOff(context: Context): Context {
  const { db } = context;
  const transaction: Db['transaction'] = (work, options) =>
    db.transaction(async (tx) => {
      await work(tx);
      throw new Error('The connection is gone.');
    }, options);
  return { ...context, db: { ...db, transaction } };
}

function rowsOf(kind: ActivityKind) {
  return app.context.db.many<Record<string, unknown>>(sql`
    select actor_kind, actor_id, subject_type, subject_id, publication_id, created_at, before, after
      from activity
     where kind = ${kind}
  `);
}

async function forgetActivity(db: Db): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.run(sql`set local paperround.purges = 'activity'`);
    await tx.run(sql`delete from activity`);
  });
}
