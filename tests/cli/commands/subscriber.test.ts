import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { createLantern, now, openTerminal, type Terminal } from '../open-terminal.js';
import type { HeldSignUp } from '../../../src/subscribers/sign-up/request.js';

jest.setTimeout(90_000);
let terminal: Terminal;
let publicationId: string;

beforeEach(async () => {
  terminal = await openTerminal();
  publicationId = (await createLantern(terminal.db)).id;
});
afterEach(() => terminal.close());

async function hold(email: string): Promise<string> {
  const { id } = await terminal.db.one<{ id: string }>(sql`
    insert into sign_up_requests (publication_id, email, outcome, reasons, created_at)
    values (${publicationId}, ${email}, 'held', '{unproved}', ${now()})
    returning id
  `);
  return id;
}

const enqueuedJobs = async () =>
  (await terminal.db.many<{ payload: { requestIds: string[] } }>(sql`select payload from outbox`)).flatMap(
    ({ payload }) => payload.requestIds,
  );

test('held sign-ups are listed with their reasons, and released or deleted, one or all', async () => {
  const { run, json } = terminal;
  expect((await run('subscriber', 'held')).stdout).toBe('No sign-up is held.\n');
  const [ada, ben, cy, dee] = [
    await hold('ada@example.com'),
    await hold('ben@example.com'),
    await hold('cy@example.com'),
    await hold('dee@example.com'),
  ];
  expect((await json<HeldSignUp[]>('subscriber', 'held')).map(({ id }) => id)).toEqual([dee, cy, ben, ada]);
  expect((await run('subscriber', 'held')).stdout).toMatch(
    new RegExp(
      `^Id +Since +Address +Why\n${dee}  \\S+  dee@example\\.com  Came during attack mode, from a browser that did not do the work\n`,
    ),
  );

  expect((await run('subscriber', 'release', ada)).stdout).toBe('Released: 1.\n');
  expect((await run('subscriber', 'drop', ben)).stdout).toBe('Deleted: 1.\n');
  const again = await run('subscriber', 'release', ben);
  expect([again.code, again.stderr]).toEqual([1, 'None of them is held any more. Nothing was changed.\n']);
  expect(await json('subscriber', 'release', '--all', '--publication', 'lantern')).toEqual({ count: 2 });
  expect((await enqueuedJobs()).sort()).toEqual([ada, cy, dee].sort());
  await hold('eve@example.com');
  expect((await run('subscriber', 'drop', '--all')).stdout).toBe('Deleted: 1.\n');

  for (const wrong of [['release'], ['drop', ada, '--all'], ['release', 'ada@example.com']])
    expect([wrong, (await run('subscriber', ...wrong)).code]).toEqual([wrong, 2]);
});
