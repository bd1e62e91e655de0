import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { createLantern, now, openTerminal, type Terminal } from '../open-terminal.js';

jest.setTimeout(90_000);
let terminal: Terminal;

beforeEach(async () => {
  terminal = await openTerminal();
});
afterEach(() => terminal.close());

test('what is left out is listed, and is tried again at once on a word', async () => {
  const { run, json, db } = terminal;
  const { id } = await createLantern(db);
  expect((await run('failed', 'list')).stdout).toBe('Nothing is left out.\n');
  const rowId = '01999999-0000-7000-8000-000000000401';
  const at = now();
  const later = new Date(Date.now() + 3_600_000);
  await db.run(sql`
    insert into failed_rows (operation, kind, row_id, publication_id, code, failing_since, failed_at, retry_at)
    values ('release-articles', 'article', ${rowId}, ${id}, '23514', ${at}, ${at}, ${later}),
           ('compose', 'article', ${rowId}, ${id}, 'TypeError', ${at}, ${at}, null)
  `);
  const listed = await run('failed', 'list');
  expect(listed.stdout).toMatch(
    new RegExp(`Article ${rowId} could not be released +23514 +since .* again ${later.toISOString()}`),
  );
  expect(listed.stdout).toMatch(/could not be composed +TypeError .* not tried again by itself/);
  expect(await json('failed', 'retry')).toEqual({ count: 1 });
  expect(await json('failed', 'retry')).toEqual({ count: 0 });
});
