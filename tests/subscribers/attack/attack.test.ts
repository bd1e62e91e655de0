import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { attackCause } from '../../../src/subscribers/attack/attack.js';
import { setAttackMode } from '../../../src/subscribers/attack/set-attack-mode.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { resetTestApp } from '../../support/fixtures.js';
import { isUnderAttack } from '../../../src/subscribers/attack/is-under-attack.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';

const SPAN_MS = 10 * MINUTE_MS;

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  testApp.advanceClock(DAY_MS);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

/** Counts forms in a span of ten minutes, `ago` spans before now. */
async function forms(count: number, outcome = 'recorded', ago = 0, of = publication): Promise<void> {
  const began = new Date((Math.floor(testApp.context.now().getTime() / SPAN_MS) - ago) * SPAN_MS);
  await testApp.context.db.run(sql`
    insert into sign_up_counts (publication_id, began_at, outcome, count)
    values (${of.id}, ${began}, ${outcome}, ${count})
    on conflict (publication_id, began_at, outcome) do update set count = excluded.count
  `);
}

/** In each of the ten minutes of three days, until an hour ago. */
async function addUsualForms(count: number): Promise<void> {
  const began = Math.floor(testApp.context.now().getTime() / SPAN_MS) * SPAN_MS;
  await testApp.context.db.run(sql`
    insert into sign_up_counts (publication_id, began_at, outcome, count)
    select ${publication.id}, ${new Date(began)}::timestamptz - n * interval '10 minutes', 'recorded', ${count}::integer
      from generate_series(6, 14 * 144) as n
  `);
}

async function passMinute(): Promise<boolean> {
  testApp.advanceClock(MINUTE_MS);
  await testApp.handlers['watch-sign-ups']({});
  return isUnderAttack(testApp.context, publication.id);
}

const attacks = () =>
  testApp.context.db.many<Record<string, unknown>>(sql`
    select cause, forms, refused, round(usual) as usual, ended_at is not null as ended from attacks order by id
  `);

describe('attack mode', () => {
  test('begins when far more forms come than usual, but not with few forms after none', async () => {
    await addUsualForms(10);
    await forms(59);
    expect(await passMinute()).toBe(false);
    await forms(79);
    expect(await passMinute()).toBe(false);
    await forms(81);
    expect(await passMinute()).toBe(true);
    expect(await attacks()).toEqual([{ cause: 'flood', forms: 81, refused: 0, usual: 10, ended: false }]);
  });

  test('begins when most of many forms are refused, or name addresses that were mailed often enough', async () => {
    await addUsualForms(50);
    await forms(60);
    await forms(89, 'malformed');
    expect(await passMinute()).toBe(false);
    await testApp.context.db.run(sql`
      insert into sign_up_requests (publication_id, email, outcome, created_at)
      values (${publication.id}, 'victim@example.com', 'capped', ${testApp.context.now()})
    `);
    expect(await passMinute()).toBe(true);
    expect(await attacks()).toMatchObject([{ cause: 'refusals', forms: 149, refused: 90 }]);
  });

  test('does not begin for one network alone, nor because forms ask for work', async () => {
    await forms(50);
    await forms(5_000, 'too-many');
    await forms(5_000, 'proof-needed');
    expect(await passMinute()).toBe(false);
  });

  test('goes on while there are signs of an attack, and ends by itself half an hour after the last', async () => {
    await forms(500);
    expect(await passMinute()).toBe(true);
    testApp.advanceClock(2 * SPAN_MS);
    await forms(400, 'held');
    expect(await passMinute()).toBe(true);
    testApp.advanceClock(28 * MINUTE_MS);
    expect(await passMinute()).toBe(true);
    testApp.advanceClock(22 * MINUTE_MS);
    expect(await passMinute()).toBe(false);
    expect(await attacks()).toMatchObject([{ ended: true }]);
  });

  test('does not count as usual afterwards', async () => {
    await forms(5_000);
    expect(await passMinute()).toBe(true);
    testApp.advanceClock(6 * SPAN_MS);
    expect(await passMinute()).toBe(false);
    await forms(70);
    expect(await passMinute()).toBe(true);
    expect(await attacks()).toMatchObject([{ forms: 5_000 }, { forms: 70, usual: 0 }]);
  });

  test('is on for one newsletter only', async () => {
    const other = await testApp.createPublication({ slug: 'tide-table' });
    await forms(500, 'recorded', 0, other);
    expect(await passMinute()).toBe(false);
    expect(await isUnderAttack(testApp.context, other.id)).toBe(true);
  });

  test('switched off by an operator does not begin again for a day; switched on it stays on', async () => {
    await forms(500);
    expect(await passMinute()).toBe(true);
    await setAttackMode(testApp.context, publication.id, false);
    expect(await passMinute()).toBe(false);
    testApp.advanceClock(DAY_MS);
    await forms(500);
    expect(await passMinute()).toBe(true);

    await setAttackMode(testApp.context, publication.id, false);
    await setAttackMode(testApp.context, publication.id, true);
    await setAttackMode(testApp.context, publication.id, true);
    testApp.advanceClock(DAY_MS);
    expect(await passMinute()).toBe(true);
    expect((await attacks()).map(({ cause, ended }) => [cause, ended])).toEqual([
      ['flood', true],
      ['flood', true],
      ['by-hand', false],
    ]);
  });

  test('that an operator switches on while it is on by itself does not end by itself', async () => {
    await forms(500);
    expect(await passMinute()).toBe(true);
    await setAttackMode(testApp.context, publication.id, true);
    testApp.advanceClock(DAY_MS);
    expect(await passMinute()).toBe(true);
    expect((await attacks()).map(({ cause, ended }) => [cause, ended])).toEqual([['by-hand', false]]);
  });

  test('is known to another process within five seconds', async () => {
    const { db, now } = testApp.context;
    expect(await isUnderAttack(testApp.context, publication.id)).toBe(false);
    await db.run(sql`
      insert into attacks (publication_id, cause, began_at, seen_at, forms, refused, usual)
      values (${publication.id}, 'flood', ${now()}, ${now()}, 100, 0, 1)
    `);
    expect(await isUnderAttack(testApp.context, publication.id)).toBe(false);
    testApp.advanceClock(5_000);
    expect(await isUnderAttack(testApp.context, publication.id)).toBe(true);
  });
});

test.each([
  [{ forms: 59, refused: 59, usual: 0 }, undefined],
  [{ forms: 60, refused: 0, usual: 0 }, 'flood'],
  [{ forms: 60, refused: 35, usual: 8 }, undefined],
  [{ forms: 60, refused: 36, usual: 60 }, 'refusals'],
  [{ forms: 799, refused: 0, usual: 100 }, undefined],
  [{ forms: 800, refused: 0, usual: 100 }, 'flood'],
])('ten minutes of %j look like %s', (signs, cause) => {
  expect(attackCause(signs)).toBe(cause);
});
