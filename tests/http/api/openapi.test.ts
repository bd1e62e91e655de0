import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { openTestApi, type Api, type Json } from './client.js';

let testApp: TestApp;
let api: Api;

beforeAll(async () => {
  testApp = await openTestApp();
  api = await openTestApi(testApp);
});

afterAll(() => testApp.close());

test('openapi.json is valid OpenAPI 3.1 for an independent validator', async () => {
  const result = await new Validator().validate(structuredClone(api.document));
  expect(result).toEqual({ valid: true });
  expect(api.document['openapi']).toMatch(/^3\.1\./);
  expect(api.document['servers']).toEqual([{ url: `${testApp.url}/api/v1` }]);
});

test('every route is in the document, and everything in the document is a route', async () => {
  const stranger = await api.program();
  for (const { method, path } of api.operations) {
    const answer = await stranger(method, path.replaceAll(/\{\w+\}/g, 'x'));
    expect([method, path, answer.status, answer.body['code']]).toEqual([method, path, 401, 'no-token']);
  }
  const known = new Set(api.operations.map(({ method, path }) => `${method} ${path}`));
  for (const path of new Set(api.operations.map((each) => each.path))) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
      (m) => !known.has(`${m} ${path}`),
    )) {
      const answer = await stranger(method, path.replaceAll(/\{\w+\}/g, 'x'));
      expect([method, path, answer.status]).toEqual([method, path, 405]);
      const allowed = (answer.headers.get('allow') ?? '').split(', ').filter((m) => m !== 'HEAD');
      expect(allowed.every((each) => known.has(`${each} ${path}`))).toBe(true);
    }
  }
});

test('operations have names, scopes and errors, and no schema in them allows anything', () => {
  const names = api.operations.map(({ documented }) => documented['operationId']);
  expect(new Set(names).size).toBe(names.length);
  for (const { method, scope, documented } of api.operations) {
    expect(method === 'GET' ? ['read'] : ['write', 'send']).toContain(scope);
    expect(Object.keys(documented['responses'] as Json)).toEqual(
      expect.arrayContaining(['400', '401', '403', '429']),
    );
  }
  expect(anythings(api.document['paths'], 'paths')).toEqual([]);
});

test('numbers and lists are numbers and lists, though forms send text for them', async () => {
  const fields = bodyOf(api, 'POST', '/publications');
  expect(fields).toMatchObject({
    hour: { type: 'integer', minimum: 0, maximum: 23 },
    holdMinutes: { type: 'integer' },
    topics: { type: 'array', items: { type: 'string' } },
    noticeAddress: { anyOf: [{ type: 'string', format: 'email' }, { type: 'null' }] },
  });
  const call = await api.program('write');
  await testApp.createPublication();
  for (const change of [
    { hour: '7' },
    { hour: 7.5 },
    { hour: null },
    { topics: 'Harbour,Town' },
    { topics: null },
  ])
    expect((await call('PATCH', '/publications/lantern', change)).status).toBe(422);
  expect((await call('PATCH', '/publications/lantern', { hour: 9, topics: ['Town'] })).body).toMatchObject({
    hour: 9,
    topics: ['Town'],
  });
});

function bodyOf({ operations }: Api, method: string, path: string): Json {
  const found = operations.find((each) => each.method === method && each.path === path);
  if (found === undefined) throw new Error(`There is no ${method} ${path}`);
  const { content } = found.documented['requestBody'] as {
    content: { 'application/json': { schema: { properties: Json } } };
  };
  return content['application/json'].schema.properties;
}

/** Where a schema says nothing at all. */
function anythings(value: unknown, place: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const isSchema = /(schema|items|properties\/[^/]+|(any|one|all)Of\/\d+)$/.test(place);
  const keys = Object.keys(value).filter((key) => key !== 'description' && key !== 'default');
  const here = isSchema && keys.length === 0 ? [place] : [];
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => anythings(inner, `${place}/${key}`))];
}
