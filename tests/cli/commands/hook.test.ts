import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openTerminal, type Terminal } from '../open-terminal.js';

jest.setTimeout(90_000);
let terminal: Terminal;
beforeEach(async () => {
  terminal = await openTerminal();
});
afterEach(() => terminal.close());

type Added = { id: string; provider: string; url: string; secret?: string };

test('hooks of providers are set up, listed and removed at the command line', async () => {
  const { run, json } = terminal;
  const amazon = await json<Added>(
    'hook',
    'add',
    'ses',
    '--topic',
    'arn:aws:sns:eu-west-1:123456789012:mail',
  );
  expect(amazon.url).toMatch(/\/hooks\/ses$/);
  const postmark = await json<Added>('hook', 'add', 'postmark');
  expect(postmark.secret).toMatch(/^[0-9a-f]{64}$/);
  const keyFile = join(tmpdir(), `sendgrid-${amazon.id}.key`);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(keyFile, `${publicKey.export({ format: 'der', type: 'spki' }).toString('base64')}\n`);
  await json<Added>('hook', 'add', 'sendgrid', '--key-file', keyFile);
  const listed = await json<{ provider: string; state: string }[]>('hook', 'list');
  expect(listed.map(({ provider, state }) => [provider, state])).toEqual([
    ['ses', 'waiting'],
    ['postmark', 'waiting'],
    ['sendgrid', 'waiting'],
  ]);
  expect((await run('hook', 'list')).stdout).not.toContain(postmark.secret);
  await run('hook', 'remove', postmark.id);
  expect(await json<unknown[]>('hook', 'list')).toHaveLength(2);
  const { data } = await json<{ data: { sentence: string }[] }>('audit', 'list', '--kind', 'hook');
  expect(data[0]?.sentence).toBe('Somebody at the command line removed the webhook of Postmark.');
});

test.each([
  [['add', 'sparkpost'], 2, /A provider is one of ses, mailgun, postmark, sendgrid, brevo/],
  [['add', 'ses'], 2, /needs --topic/],
  [['add', 'mailgun'], 2, /needs --key-file/],
  [['add', 'mailgun', '--key-file', '/nowhere/key'], 1, /cannot be read/],
  [['add', 'ses', '--topic', 'arn:aws:s3:::x'], 1, /no ARN of a topic of SNS. Nothing was changed/],
  [['remove', '019b2f6e-5c1a-7d40-9e5a-3f1c8a4b7d20'], 1, /There is no such hook/],
])('hook %j is refused', async (args, code, words) => {
  const result = await terminal.run('hook', ...args);
  expect(result.code).toBe(code);
  expect(result.stderr).toMatch(words);
});
