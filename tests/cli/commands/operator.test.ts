import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { lantern, openTerminal, type Terminal } from '../open-terminal.js';

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

test('operators are created with an invitation, listed, given entry links of their own and removed', async () => {
  expect((await terminal.run('operator', 'list')).stdout).toBe('There is no operator yet.\n');
  const ada = await terminal.json<{ invitation: string }>('operator', 'create', 'ada@example.com');
  expect(ada).toMatchObject({ email: 'ada@example.com', administrator: true, roles: [], name: null });
  expect(ada.invitation).toMatch(/^http:\/\/news\.example\/operator\/invitation\/[\w-]{82}$/);
  await terminal.run('publication', 'create', ...lantern);
  const { stdout } = await terminal.run(
    ...['operator', 'create', 'Eda@example.com', '--role', 'viewer', '--name', 'Eda'],
  );
  expect(stdout).toMatch(
    /^Made Eda@example\.com, viewer at lantern\.\nHer invitation, for her alone \(once, within three days\):\nhttp:\/\/news\.example\/operator\/invitation\/[\w-]{82}\n$/,
  );
  expect((await terminal.run('operator', 'list')).stdout).toBe(
    'Address          Role               Name\nada@example.com  administrator\nEda@example.com  viewer at lantern  Eda\n',
  );

  const { url } = await terminal.json<{ url: string }>('operator', 'link', 'eda@EXAMPLE.com');
  expect(url).toMatch(/^http:\/\/news\.example\/operator\/enter\/[\w-]{32}$/);
  expect(await ownersOfLinks()).toEqual([{ email: 'Eda@example.com' }]);

  expect((await terminal.run('operator', 'remove', 'eda@example.com')).stdout).toBe(
    'Removed. Her browser and her tokens are let in no more.\n',
  );
  expect(await terminal.json<object[]>('operator', 'list')).toMatchObject([{ email: 'ada@example.com' }]);
});

test('roles are given and taken at one newsletter, and where there are several it has to be named', async () => {
  await terminal.run(
    'publication',
    'create',
    ...lantern.map((word) => word.replace(/^slug=.*/, 'slug=tides')),
  );
  const role = (...words: string[]) => terminal.run('operator', 'role', ...words);
  const unnamed = await terminal.run('operator', 'create', 'bo@example.com', '--role', 'editor');
  expect([unnamed.code, unnamed.stderr]).toEqual([
    2,
    expect.stringContaining('Say which with --publication SLUG.'),
  ]);
  const both = ['--publication', 'lantern', 'tides'];
  const made = await terminal.json('operator', 'create', 'bo@example.com', '--role', 'editor', ...both);
  expect(made).toMatchObject({ administrator: false, roles: [{ role: 'editor' }, { role: 'editor' }] });
  expect((await role('bo@example.com', 'owner', '--publication', 'tides')).stdout).toBe(
    'bo@example.com: editor at lantern, owner at tides.\n',
  );
  expect((await role('bo@example.com', 'owner', '--publication', 'tides')).stdout).toBe(
    'bo@example.com was that already. Nothing was changed.\n',
  );
  expect((await role('bo@example.com', 'none', '--publication', 'lantern')).stdout).toBe(
    'bo@example.com: owner at tides.\n',
  );
  expect((await role('bo@example.com', 'administrator')).stdout).toBe('bo@example.com: administrator.\n');
  expect((await role('bo@example.com', 'none')).stdout).toBe('bo@example.com: owner at tides.\n');
  expect((await role('bo@example.com', 'none', '--publication', 'tides')).stdout).toBe(
    'bo@example.com: without an account now: it could open nothing.\n',
  );
});

test.each([
  [['create', 'ada'], 2, 'email is not an e-mail address.'],
  [
    ['create', 'new@example.com', '--role', 'admin'],
    2,
    'role is one of administrator, owner, editor, viewer.',
  ],
  [['create', 'ADA@example.com'], 1, 'This address has an account already.'],
  [['create', 'new@example.com', '--publication', 'lantern'], 2, 'An administrator may do everything'],
  [['role', 'ada@example.com', 'admin'], 2, 'role is one of administrator, owner, editor, viewer'],
  [['role', 'nobody@example.com', 'owner'], 1, 'No operator has this address.'],
  [['link', 'nobody@example.com'], 1, 'No operator has this address.'],
  [['remove', 'nobody@example.com'], 1, 'No operator has this address.'],
])('operator %j changes nothing and says why', async (words, code, sentence) => {
  const refused = await terminal.run('operator', ...words);
  expect(refused.code).toBe(code);
  expect(refused.stderr).toContain(sentence);
  expect(refused.stderr).toContain('Nothing was changed.');
});
