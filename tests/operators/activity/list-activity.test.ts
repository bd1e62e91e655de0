import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Activity } from '../../../src/operators/activity/activity.js';
import { kindsUnder } from '../../../src/operators/activity/kinds.js';
import { listActivity, type ActivityFilter } from '../../../src/operators/activity/reads.js';
import { recordActivity, type Change } from '../../../src/operators/activity/record-activity.js';
import { createOperator } from '../../../src/operators/accounts.js';
import { createToken } from '../../../src/operators/api-token.js';
import { bySystem, type Actor } from '../../../src/platform/actor.js';
import { MINUTE_MS } from '../../../src/platform/durations.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const begin = new Date('2026-11-22T09:00:00Z');
const at = (minutes: number) => new Date(begin.getTime() + minutes * MINUTE_MS);
const publications = [randomUUID(), randomUUID()];
const subjects = [randomUUID(), randomUUID(), randomUUID()];
const kinds = ['digest.approved', 'digest.started', 'article.approved', 'subscription.unblocked'] as const;

let database: TestDatabase;
let actors: Actor[];
let all: Activity[];

/** A row each minute, of every combination of these. */
beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  const context = { db, ...bySystem(begin) };
  const ada = await createOperator(context, {
    email: 'ada@tide.example',
    name: 'Ada',
    grant: 'administrator',
  });
  const bo = await createOperator(context, {
    email: 'bo@tide.example',
    name: null,
    grant: { role: 'editor', publicationIds: [] },
  });
  const token = await createToken(context, { name: 'Sync', scopes: ['read'] });
  actors = [
    { kind: 'operator', id: ada?.id ?? '' },
    { kind: 'operator', id: bo?.id ?? '' },
    { kind: 'token', id: token.id },
    { kind: 'operator', id: randomUUID() },
    { kind: 'command-line' },
    { kind: 'reader' },
    { kind: 'system' },
  ];
  let minute = 1;
  for (const publicationId of [...publications, null])
    for (const kind of kinds)
      for (const actor of actors) {
        const change = { kind, publicationId, subjectId: subjects[minute % 3] ?? null } as Change;
        const now = at(minute++);
        await db.transaction((tx) => recordActivity(tx, { actor, now: () => now }, change));
      }
  all = await listActivity(db, {}, { before: undefined, limit: 1000 });
});
afterAll(() => database.close());

test('the newest comes first, with the names of operators and tokens', () => {
  expect(all).toHaveLength(3 * 4 * 7 + 3);
  expect(all.map(({ createdAt }) => createdAt)).toEqual(
    all.map(({ createdAt }) => createdAt).toSorted((a, b) => b.getTime() - a.getTime()),
  );
  const names = new Set(all.map(({ actor }) => `${actor.kind} ${actor.name}`));
  expect([...names].toSorted()).toEqual([
    'command-line null',
    'operator Ada',
    'operator bo@tide.example',
    'operator null',
    'reader null',
    'system null',
    'token Sync',
  ]);
});

test('every filter, and every two of them, finds what it names, on pages that follow each other', async () => {
  const filters: ActivityFilter[] = [
    ...publications.map((publicationId) => ({ publicationId })),
    ...['digest', 'digest.started', 'article', 'token'].map((prefix) => ({ kinds: kindsUnder(prefix) })),
    ...actors.map(({ kind }) => ({ actor: { kind } })),
    ...actors.flatMap((actor) => ('id' in actor ? [{ actor: { id: actor.id } }] : [])),
    ...subjects.map((subjectId) => ({ subjectId })),
    ...[1, 40, 1000].map((minute) => ({ since: at(minute) })),
  ];
  for (const one of filters)
    for (const other of filters) {
      const filter = { ...one, ...other };
      const expected = all.filter((row) => isWanted(row, filter)).map(({ id }) => id);
      expect(await readPages(filter, 13)).toEqual(expected);
    }
});

test('a row that is written while pages are read is on none of them', async () => {
  const { db } = database;
  const first = await listActivity(db, {}, { before: undefined, limit: 5 });
  const change = { kind: 'digest.closed', publicationId: null, subjectId: null } as const;
  await db.transaction((tx) => recordActivity(tx, bySystem(at(2000)), change));
  const second = await listActivity(db, {}, { before: first.at(-1)?.id, limit: 5 });
  expect([...first, ...second].map(({ id }) => id)).toEqual(all.slice(0, 10).map(({ id }) => id));
});

function isWanted(row: Activity, { publicationId, kinds: wanted, actor, subjectId, since }: ActivityFilter) {
  return (
    (publicationId === undefined || row.publicationId === publicationId) &&
    (wanted === undefined || wanted.includes(row.kind)) &&
    (actor === undefined || ('id' in actor ? row.actor.id === actor.id : row.actor.kind === actor.kind)) &&
    (subjectId === undefined || row.subjectId === subjectId) &&
    (since === undefined || row.createdAt >= since)
  );
}

async function readPages(filter: ActivityFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let before: string | undefined; ; before = ids.at(-1)) {
    const page = await listActivity(database.db, filter, { before, limit });
    ids.push(...page.map(({ id }) => id));
    if (page.length < limit) return ids;
  }
}
