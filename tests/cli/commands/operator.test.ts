import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { openTerminal, type Terminal } from '../open-terminal.js';

let terminal: Terminal;
jest.setTimeout(90_000);

beforeAll(async () => {
  terminal = await openTerminal();
});
afterAll(() => terminal.close());

const ownersOfLinks = () =>
  terminal.db.many<{ email: string | null }>(
    sql`select o.email from operator_links l left join operators o on o.id = l.operator_id`,
  );

test('operators are created, listed, given entry links of their own and removed', async () => {
  expect((await terminal.run('operator', 'list')).stdout).toBe('There is no operator yet.\n');
  expect(await terminal.json<object>('operator', 'create', 'ada@example.com')).toMatchObject({
    email: 'ada@example.com',
    role: 'owner',
    name: null,
  });
  const { stdout } = await terminal.run(
    'operator',
    'create',
    'Eda@example.com',
    '--role',
    'viewer',
    '--name',
    'Eda',
  );
  expect(stdout).toContain('Made Eda@example.com, viewer.\n');
  expect((await terminal.run('operator', 'list')).stdout).toBe(
    'Address          Role    Name\nada@example.com  owner\nEda@example.com  viewer  Eda\n',
  );

  const { url } = await terminal.json<{ url: string }>('operator', 'link', 'eda@EXAMPLE.com');
  expect(url).toMatch(/^http:\/\/news\.example\/operator\/enter\/[\w-]{32}$/);
  expect(await ownersOfLinks()).toEqual([{ email: 'Eda@example.com' }]);

  expect((await terminal.run('operator', 'remove', 'eda@example.com')).stdout).toBe(
    'Removed. Her browser is let in no more.\n',
  );
  expect(await terminal.json<object[]>('operator', 'list')).toMatchObject([{ email: 'ada@example.com' }]);
});

test.each([
  [['create', 'ada'], 2, 'email is not an e-mail address.'],
  [['create', 'new@example.com', '--role', 'admin'], 2, 'role is one of owner, editor, viewer.'],
  [['create', 'ADA@example.com'], 1, 'This address has an account already.'],
  [['link', 'nobody@example.com'], 1, 'No operator has this address.'],
  [['remove', 'nobody@example.com'], 1, 'No operator has this address.'],
])('operator %j changes nothing and says why', async (words, code, sentence) => {
  const refused = await terminal.run('operator', ...words);
  expect(refused.code).toBe(code);
  expect(refused.stderr).toContain(sentence);
  expect(refused.stderr).toContain('Nothing was changed.');
});
