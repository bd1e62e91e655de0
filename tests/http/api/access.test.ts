import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApi, type Api, type Call, type Json } from './client.js';

let testApp: TestApp;
let api: Api;
let call: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  api = await openTestApi(testApp);
  const publication = await testApp.createPublication();
  await addReader(testApp, publication, 'ada@example.com');
  await addArticles(testApp, publication, 'Harbour');
  call = await api.program('read', 'write', 'send');
});

afterAll(() => testApp.close());

/** Without the tables that count how often a token was used. */
const rows = () => dumpTables(testApp.context.db, ['rate_limits', 'api_tokens']);

const urlOf = (path: string) => `${testApp.url}/api/v1${path}`;

describe('a token', () => {
  test('is required by every route, and must be complete, known and not revoked', async () => {
    const { token } = { token: `pr_${'a'.repeat(43)}` };
    const nobody = await api.program();
    const refused = [
      '',
      'Bearer',
      `Bearer ${token}`,
      'Bearer pr_short',
      `Basic ${token}`,
      token,
      'Bearer x\ty',
    ];
    for (const authorization of refused) {
      const answer = await nobody('GET', '/publications', undefined, authorization ? { authorization } : {});
      expect([authorization, answer.status, answer.body['code']]).toEqual([authorization, 401, 'no-token']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    const revoked = await api.program('read');
    expect((await revoked('GET', '/publications')).status).toBe(200);
    await testApp.context.db.run(
      sql`update api_tokens set revoked_at = ${testApp.context.now()} where id = ${revoked.id}`,
    );
    expect((await revoked('GET', '/publications')).status).toBe(401);
  });

  test('does only what its scopes say, and a refusal changes nothing', async () => {
    const scopes = ['read', 'write', 'send'] as const;
    const programs = new Map<string, Call>();
    for (const missing of scopes)
      programs.set(missing, await api.program(...scopes.filter((each) => each !== missing)));
    const before = await rows();
    for (const { method, path, scope } of api.operations) {
      const program = programs.get(scope);
      if (program === undefined) throw new Error(`No program lacks ${scope}`);
      const answer = await program(method, path.replaceAll(/\{\w+\}/g, 'lantern'));
      expect([method, path, answer.status, answer.body['code']]).toEqual([
        method,
        path,
        403,
        'missing-scope',
      ]);
      expect(answer.body['detail']).toContain(`"${scope}"`);
    }
    expect(changedTables(before, await rows())).toEqual([]);
  });

  test('that may not approve digests may not do away with approving, and may ask for it', async () => {
    const writer = await api.program('write');
    expect((await writer('PATCH', '/publications/lantern', { approval: true })).status).toBe(200);
    const refused = await writer('PATCH', '/publications/lantern', { approval: false, name: 'Other' });
    expect([refused.status, refused.body['code']]).toEqual([403, 'missing-scope']);
    expect(refused.body['detail']).toContain('"send"');
    expect((await call('GET', '/publications/lantern')).body).toMatchObject({ approval: true });
    const sender = await api.program('write', 'send');
    const changed = await sender('PATCH', '/publications/lantern', { approval: false });
    expect(changed.body).toMatchObject({ approval: false });
  });

  test('is checked before the body: without one the answer says nothing about it', async () => {
    const nobody = await api.program();
    expect((await nobody('POST', '/publications', '{"half')).status).toBe(401);
  });

  test('may ask 600 times a minute; each answer says what is left, the 601st when to come back', async () => {
    const busy = await api.program('read');
    const first = await busy('GET', '/publications');
    const second = await busy('GET', '/publications');
    const left = ({ headers }: typeof first) => Number(headers.get('ratelimit-remaining'));
    expect([first.headers.get('ratelimit-limit'), left(first), left(second)]).toEqual(['600', 599, 598]);
    expect(Number(first.headers.get('ratelimit-reset'))).toBeGreaterThan(50);
    await testApp.context.db.run(
      sql`update rate_limits set points = 600 where key like ${`api:${busy.id}%`}`,
    );
    const refused = await busy('GET', '/publications');
    expect([refused.status, refused.body['code'], left(refused)]).toEqual([429, 'too-many-requests', 0]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('GET', '/publications')).status).toBe(200);
  });
});

describe('a request that is wrong', () => {
  const article = { publication: 'lantern', title: 'Storm' };

  test.each([
    ['half of it', '{"title": "Sto', 400, 'malformed-json', {}],
    ['a bare word', '"lantern"', 400, 'malformed-json', {}],
    ['a list', [article], 422, 'invalid-request', {}],
    ['nothing', undefined, 422, 'invalid-request', {}],
    ['a field nobody knows', { ...article, colour: 'red' }, 422, 'invalid-request', {}],
    ['a field of another kind', { ...article, authors: 'Ada' }, 422, 'invalid-request', {}],
    ['an address of another kind', { ...article, url: 'javascript:alert(1)' }, 422, 'invalid-request', {}],
    ['a NUL', { ...article, title: 'St\u0000rm' }, 422, 'invalid-request', {}],
    [
      'a prototype',
      '{"publication":"lantern","title":"x","__proto__":{"url":"x"}}',
      422,
      'invalid-request',
      {},
    ],
    ['too much', { ...article, content: 'a'.repeat(2_100_000) }, 413, 'too-large', {}],
    ['a form', 'title=Storm', 415, 'not-json', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', JSON.stringify(article), 415, 'not-json', { 'content-type': 'text/plain' }],
    [
      'another alphabet',
      JSON.stringify(article),
      415,
      'not-json',
      { 'content-type': 'application/json; charset=klingon' },
    ],
  ] as const)(
    '%s instead of an article: told as a problem, and nothing is kept',
    async (_what, body, status, code, headers) => {
      const before = await rows();
      const answer = await call('POST', '/articles', body, { accept: 'text/html', ...headers });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ type: 'about:blank', status, code, title: expect.any(String) });
      expect(String(answer.body['detail'])).toMatch(/^\p{Lu}.*\.$/su);
      expect(answer.status).toBe(status);
      expect(changedTables(before, await rows())).toEqual([]);
    },
  );

  test.each([
    ['/articles', 400, 'invalid-request'],
    ['/articles?publication=lantern&colour=red', 400, 'invalid-request'],
    ['/articles?publication=lantern&publication=other', 400, 'invalid-request'],
    ['/articles?publication=lantern&limit=0', 400, 'invalid-request'],
    ['/articles?publication=lantern&limit=101', 400, 'invalid-request'],
    ['/articles?publication=lantern&state=lost', 400, 'invalid-request'],
    ['/articles?publication=lantern&cursor=bm90LW91cnM', 400, 'bad-cursor'],
    ['/articles?publication=lan%00tern', 400, 'invalid-request'],
    ['/articles?publication=nowhere', 404, 'no-such-publication'],
    ['/subscriptions?publication=lantern&email=nobody', 400, 'invalid-request'],
    ['/articles/7', 404, 'not-found'],
    ['/articles/01a203ce-351c-743e-b8ae-7411a7169116', 404, 'no-such-article'],
    ['/feeds/01a203ce-351c-743e-b8ae-7411a7169116', 404, 'no-such-feed'],
    ['/subscriptions/01a203ce-351c-743e-b8ae-7411a7169116', 404, 'no-such-subscription'],
    ['/digests/01a203ce-351c-743e-b8ae-7411a7169116/deliveries', 404, 'no-such-digest'],
    ['/publications/%00', 404, 'not-found'],
    ['/publications/%E0%A4%A', 400, 'refused'],
    ['/nowhere', 404, 'not-found'],
  ])('GET %s is answered with %i %s, whatever the client accepts', async (path, status, code) => {
    for (const accept of ['text/html', '*/*', 'application/json']) {
      const answer = await call('GET', path, undefined, { accept });
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  test('is told in words about its fields, on every route and for every kind of mistake', async () => {
    const program = await api.program('read', 'write', 'send');
    const values = [null, 5, -1, 1.5, 1e12, '', 'x', 'y'.repeat(3000), true, [], [[]], {}, { x: 1 }];
    const nowhere = '01a203ce-351c-743e-b8ae-7411a7169116';
    const before = await rows();
    const details: string[] = [];
    for (const { method, path, documented } of api.operations) {
      const url = path.replaceAll(/\{\w+\}/g, nowhere);
      const parameters = (documented['parameters'] ?? []) as { in: string; name: string }[];
      const names = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
      for (const value of names.length === 0 ? [] : ['', 'x', '-1', '1.5', 'y'.repeat(300)]) {
        const query = new URLSearchParams(
          Object.fromEntries([...names, 'colour'].map((name) => [name, value])),
        );
        const answer = await program(method, `${url}?${query.toString()}`);
        expect([path, value, answer.status]).toEqual([path, value, 400]);
        expect(answer.body['detail']).toContain('The query has what is not known here: colour');
        details.push(String(answer.body['detail']));
      }
      for (const body of documented['requestBody'] === undefined ? [] : [[], 'x', '5', '{"a": ', ...values]) {
        const fields = Object.keys(propertiesOf(documented));
        const isWhole = typeof body === 'string' || Array.isArray(body);
        const wrong = isWhole
          ? body
          : Object.fromEntries([...fields, 'colour'].map((field) => [field, body]));
        const answer = await program(method, url, wrong);
        expect([path, body, [400, 404, 422].includes(answer.status)]).toEqual([path, body, true]);
        details.push(String(answer.body['detail']));
      }
    }
    expect(changedTables(before, await rows())).toEqual([]);
    expect(details.length).toBeGreaterThan(200);
    const ofTheValidator =
      /\b(?:invalid|expected|received|undefined|unrecognized|too (?:big|small)|NaN|regex|pattern|token|nonoptional|zod)\b|[<>]=|\bJSON at\b/i;
    expect(details.filter((detail) => ofTheValidator.test(detail))).toEqual([]);
    expect(details.filter((detail) => !/^\p{Lu}.*\.$/su.test(detail))).toEqual([]);
  });

  test.each([
    [{}, 'publication: is missing; title: is missing'],
    [{ publication: 'lantern', title: 5, authors: 'Ada' }, 'title: is not text; authors: is not a list'],
    [
      { publication: 'lantern', title: ' ', url: 'ftp://x' },
      'url: is not a web address like https://example.com/page; title: is empty',
    ],
    [{ publication: 'lantern', title: 'x', publishedAt: 'soon' }, 'publishedAt: is not a time like 2026-'],
    [{ publication: 'lantern', title: 'x', authors: ['a', 7] }, 'authors.1: is not text'],
    [{ publication: 'lantern', title: 'x', colour: 'red' }, 'The body has what is not known here: colour'],
    [[], 'The body is not an object'],
    ['{"title":\n "x",}', 'The body is not JSON: it breaks in line 2, column 6'],
    ['"lantern"', 'The body is not JSON: it has to be an object'],
  ])('%j as an article is told: %s', async (body, words) => {
    expect((await call('POST', '/articles', body)).body['detail']).toContain(`Nothing was changed. ${words}`);
  });

  test.each([
    [
      { audience: { cadence: 'hourly' } },
      'audience: its cadence is not "instant", "daily", "weekly" or "monthly" and is not a list.',
    ],
    [{ audience: 'all' }, 'audience: is not "confirmed" and is not an object.'],
    [{ audience: { colour: 'red' } }, 'audience: has what is not known here: colour.'],
    [{ articles: ['x'] }, 'articles.0: is not an id.'],
  ])('%j in a digest is told: %s', async (more, words) => {
    const answer = await call('POST', '/digests', { publication: 'lantern', ...more });
    expect(answer.body['detail']).toBe(`Nothing was changed. ${words}`);
  });

  test('an internal error is answered without details, with a reference', async () => {
    await testApp.context.db.run(sql`alter table articles rename to articles_away`);
    const answer = await call('GET', '/articles?publication=lantern');
    await testApp.context.db.run(sql`alter table articles_away rename to articles`);
    expect(answer.body).toMatchObject({
      status: 500,
      code: 'broken',
      reference: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    expect(answer.text).not.toMatch(/articles|relation|select/i);
  });
});

test('GET and HEAD change nothing, and HEAD says what GET says without the body', async () => {
  const { db } = testApp.context;
  const { id: reader } = await db.one<{ id: string }>(sql`select id from subscriptions`);
  const { id: article } = await db.one<{ id: string }>(sql`select id from articles`);
  const before = await rows();
  const paths = [
    '/publications',
    '/publications/lantern',
    '/feeds?publication=lantern',
    '/articles?publication=lantern',
    `/articles/${article}`,
    '/subscriptions?publication=lantern',
    `/subscriptions/${reader}`,
    '/digests?publication=lantern',
  ];
  for (const path of paths) {
    const got = await call('GET', path);
    const head = await call('HEAD', path);
    expect([path, got.status, head.status, head.text]).toEqual([path, 200, 200, '']);
    expect(head.headers.get('content-length')).toBe(got.headers.get('content-length'));
  }
  expect((await fetch(urlOf('/openapi.json'), { method: 'HEAD' })).status).toBe(200);
  expect(changedTables(before, await rows())).toEqual([]);
});

/** The fields of a request's body. */
function propertiesOf(documented: Json): Json {
  const { content } = documented['requestBody'] as {
    content: Record<string, { schema: { properties?: Json } }>;
  };
  return content['application/json']?.schema.properties ?? {};
}
