import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openTerminal, type Terminal } from '../open-terminal.js';

jest.setTimeout(90_000);
let terminal: Terminal;

beforeEach(async () => {
  terminal = await openTerminal();
});
afterEach(() => terminal.close());

type Page = {
  data: { id: string; kind: string; actor: object; sentence: string }[];
  nextCursor: string | null;
};

test('what is done at the command line is listed, by publication, kind and time, page by page', async () => {
  const { run, json } = terminal;
  await run(
    'publication',
    'create',
    'slug=lantern',
    'name=The Lantern',
    'siteUrl=https://lantern.example/',
    'fromAddress=news@lantern.example',
  );
  await run('publication', 'set', 'hour=9', 'replyTo=ada@lantern.example');
  await run('token', 'create', '--name', 'Sync', '--scope', 'read');
  const all = await json<Page>('audit', 'list');
  expect(all.data.map(({ kind }) => kind)).toEqual([
    'token.created',
    'publication.changed',
    'publication.created',
  ]);
  expect(all.data[0]).toMatchObject({
    actor: { kind: 'command-line', id: null, name: null },
    sentence: 'Somebody at the command line made the token “Sync”: read.',
  });
  expect(JSON.stringify(all)).not.toMatch(/ada@|pr_/);
  const printed = await run('audit', 'list', '--publication', 'lantern');
  expect(printed.stdout).toMatch(
    /^Time +Kind +What\n\S+Z +publication\.changed +Somebody at the command line changed/,
  );
  expect(printed.stdout).not.toContain('token');
  const first = await json<Page>('audit', 'list', '--kind', 'publication', '--limit', '1');
  const rest = await json<Page>('audit', 'list', '--kind', 'publication', '--cursor', first.nextCursor ?? '');
  expect([first.data.length, rest.data.map(({ kind }) => kind)]).toEqual([1, ['publication.created']]);
  expect((await json<Page>('audit', 'list', '--actor', 'reader')).data).toEqual([]);
  expect((await json<Page>('audit', 'list', '--since', '2026-01-01')).data).toHaveLength(3);
  expect((await run('audit', 'list', '--since', '2199-01-01T00:00:00Z')).stdout).toBe(
    'Nothing was changed.\n',
  );
  expect((await json<Page>('audit', 'list', '--subject', first.data[0]?.id ?? '')).data).toEqual([]);
});

const mistakes: [string[], RegExp][] = [
  [
    ['--kind', 'digests'],
    /begins with one of publication, feed, article, article-hold, digest, draft, subscription,/,
  ],
  [['--actor', 'bo'], /one of operator, token, command-line, reader, system, or an id/],
  [['--subject', '12'], /It is an id/],
  [['--since', 'yesterday'], /2026-11-22T07:00:00Z/],
  [['--since', '2026-11-22T07:00'], /with its zone/],
  [['--cursor', '12'], /not the id of a change/],
];

test('a filter that means nothing is explained', async () => {
  for (const [options, words] of mistakes) {
    const { code, stderr } = await terminal.run('audit', 'list', ...options);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  }
});
