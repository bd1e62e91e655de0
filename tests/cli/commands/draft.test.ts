import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { addReader, countRows, createLantern, openTerminal, type Terminal } from '../open-terminal.js';

type Written = { id: string; version: number; state: string };

let terminal: Terminal;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
  await createLantern(terminal.db);
});
afterEach(() => terminal.close());

test('words for the next digest are written, changed, approved, taken back and thrown away', async () => {
  const { run, json } = terminal;
  expect((await run('draft', 'list')).stdout).toBe('Nothing is written.\n');
  const { id } = await json<Written>('draft', 'write', '--for', 'daily', '--note', 'Dear readers,');
  expect(await run('draft', 'write', '--for', 'daily')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(id),
  });
  expect(await json<Written>('draft', 'change', id, '--outro', 'Bye')).toMatchObject({ version: 2 });
  expect((await run('draft', 'approve', id)).stdout).toBe('Approved. Its digest goes with it.\n');
  expect(await json<Written>('draft', 'show', id)).toMatchObject({ state: 'approved' });
  expect((await run('draft', 'take-back', id)).code).toBe(0);
  expect((await run('draft', 'show', id)).stdout).toBe(
    'draft, version 2, for daily, the next\nDear readers,\nBye\n',
  );
  expect((await run('draft', 'discard', id)).code).toBe(0);
  expect(await run('draft', 'approve', id)).toMatchObject({ code: 1 });
});

test('an email of its own is sent after a question, and not without words', async () => {
  const { run, json, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  const { id } = await json<Written>('draft', 'write', '--subject', 'We move');
  expect((await run('draft', 'send', id, '--yes')).stderr).toContain('needs a subject and a note');
  await run('draft', 'change', id, '--note', 'On Friday.');
  expect((await run('draft', 'send', id)).code).not.toBe(0);
  expect(await countRows(db, 'digests')).toBe(0);
  expect((await run('draft', 'send', id, '--yes')).stdout).toContain('Ordered.');
  expect(await countRows(db, 'digests')).toBe(1);
  expect((await run('draft', 'send', id, '--yes')).code).toBe(1);
});

test('a digest that is not to come, and too long a text, are said to be so', async () => {
  const { run } = terminal;
  expect(await run('draft', 'write', '--for', 'daily', '--period', '2020-01-01')).toMatchObject({ code: 2 });
  expect(await run('draft', 'write', '--note', 'x'.repeat(8001))).toMatchObject({
    code: 2,
    stderr: 'Nothing was written. --note is longer than 8000 characters.\n',
  });
});
