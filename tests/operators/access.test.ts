import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createToken } from '../../src/operators/api-token.js';
import { authenticateToken } from '../../src/operators/authenticate-token.js';
import { consumeEntryLink, createEntryLink } from '../../src/operators/entry-link.js';
import { sql } from '../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { dumpTables } from '../support/table-dump.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});

afterAll(() => testApp.close());

const secretOf = (link: string) => link.slice(link.lastIndexOf('/') + 1);

test('an entry link is below the public URL, and too long to guess', async () => {
  const links = await Promise.all(Array.from({ length: 20 }, () => createEntryLink(testApp.context)));
  expect(new Set(links).size).toBe(20);
  for (const link of links) {
    expect(link.startsWith(`${testApp.url}/operator/enter/`)).toBe(true);
    expect(Buffer.from(secretOf(link), 'base64url')).toHaveLength(24);
  }
});

test('with what is in the database nobody can sign in or use a token', async () => {
  const secret = secretOf(await createEntryLink(testApp.context));
  const { token } = await createToken(testApp.context, { name: 'the site', scopes: ['read', 'send'] });
  expect(token).toMatch(/^pr_[\w-]{43}$/);
  const rows = JSON.stringify(await dumpTables(testApp.context.db, []));
  expect(rows).not.toContain(secret);
  expect(rows).not.toContain(token.slice(3));
  expect(rows).toContain('the site');
});

test('a link signs in one of many who press at once', async () => {
  const secret = secretOf(await createEntryLink(testApp.context));
  const entered = await Promise.all(
    Array.from({ length: 8 }, () => consumeEntryLink(testApp.context, secret)),
  );
  expect(entered.filter((each) => each !== undefined)).toEqual([{ operatorId: null }]);
  expect(await consumeEntryLink(testApp.context, secret)).toBeUndefined();
});

test('an hour later old links are deleted, used or not, and new ones are kept', async () => {
  await createEntryLink(testApp.context);
  testApp.advanceClock(60 * 60_000);
  const fresh = secretOf(await createEntryLink(testApp.context));
  await testApp.handlers.purge({});
  expect(await testApp.context.db.many(sql`select used_at from operator_links`)).toEqual([{ usedAt: null }]);
  expect(await consumeEntryLink(testApp.context, fresh)).toEqual({ operatorId: null });
});

test('a token is accepted until it is revoked', async () => {
  const { id, token } = await createToken(testApp.context, { name: 'a program', scopes: ['read'] });
  expect(await authenticateToken(testApp.context, token)).toMatchObject({ id, scopes: ['read'] });
  for (const wrong of [`${token}x`, token.slice(0, -1), token.slice(3), 'pr_', ''])
    expect(await authenticateToken(testApp.context, wrong)).toBeUndefined();
  await testApp.context.db.run(
    sql`update api_tokens set revoked_at = ${testApp.context.now()} where id = ${id}`,
  );
  expect(await authenticateToken(testApp.context, token)).toBeUndefined();
});

test('the database refuses a token without scopes, or with an unknown one', async () => {
  const scopes = [[], ['admin']] as unknown as Parameters<typeof createToken>[1]['scopes'][];
  for (const each of scopes)
    await expect(createToken(testApp.context, { name: 'odd', scopes: each })).rejects.toThrow('api_tokens');
});

test('sessions that ran out are deleted, and others are kept', async () => {
  const { db, now } = testApp.context;
  const at = (hours: number) => new Date(now().getTime() + hours * 3_600_000);
  for (const [sid, expire] of [
    ['over', at(-1)],
    ['valid', at(1)],
  ] as const)
    await db.run(sql`insert into operator_sessions (sid, sess, expire) values (${sid}, '{}', ${expire})`);
  await testApp.handlers.purge({});
  expect(await db.many(sql`select sid from operator_sessions`)).toEqual([{ sid: 'valid' }]);
});
