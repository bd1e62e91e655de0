import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { statesIn } from '../../../src/platform/db/transitions.js';
import { IMPORT_TRANSITIONS } from '../../../src/subscribers/import/import.js';
import { moveImport } from '../../../src/subscribers/import/writes.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database.close());

test('the database allows the states of the table and no others', async () => {
  const { definition } = await database.db.one<{ definition: string }>(sql`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'imports_state_check'
  `);
  const inDatabase = [...definition.matchAll(/'(\w+)'/g)].map(([, state]) => state);
  expect(inDatabase.toSorted()).toEqual(statesIn(IMPORT_TRANSITIONS).toSorted());
});

test('an import moves as the table says, and from nowhere else', async () => {
  const { id } = await database.db.one<{ id: string }>(sql`
    with p as (
      insert into publications (slug, name, site_url, from_name, from_address, number, created_at)
      values ('lantern', 'The Lantern', 'https://lantern.example/', 'The Lantern', 'news@lantern.example', 7, now())
      returning id
    )
    insert into imports (publication_id, product, product_name, state, consent, cadence, timezone, actor_kind, created_at)
    select id, 'ghost', 'Ghost', 'open', 'mail', 'daily', 'UTC', 'system', now() from p
    returning id
  `);
  for (const from of statesIn(IMPORT_TRANSITIONS))
    for (const { by, to } of IMPORT_TRANSITIONS.filter(
      ({ by: operation }) => operation !== 'create' && operation !== 'finish',
    )) {
      await database.db.run(sql`update imports set state = ${from} where id = ${id}`);
      const moved = await database.db.transaction((tx) => moveImport(tx, id, { by, to }));
      const isAllowed = IMPORT_TRANSITIONS.some((row) => row.by === by && row.from === from && row.to === to);
      expect([from, by, moved !== undefined]).toEqual([from, by, isAllowed]);
    }
});
