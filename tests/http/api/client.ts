import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { createToken, type Scope } from '../../../src/operators/api-token.js';
import type { TestApp } from '../../support/test-app.js';

export type Json = Record<string, unknown>;

export type ApiResponse = { status: number; headers: Headers; text: string; body: Json };

/** Sends one request of a program. A text is sent as it is, anything else as JSON. */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiResponse>;

export type Operation = { method: string; path: string; scope: string; documented: Json };

export type Api = {
  document: Json;
  /** Every route of openapi.json. */
  operations: Operation[];
  /** A program with a token of these scopes; without scopes, one without a token. */
  program(...scopes: Scope[]): Promise<Call & { id: string }>;
};

/** The API as a program uses it. Every answer is checked against openapi.json. */
export async function openTestApi(testApp: TestApp): Promise<Api> {
  const base = `${testApp.url}/api/v1`;
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as Json;
  const operations = operationsOf(document);
  const check = checker(document, operations);
  return {
    document,
    operations,
    program: async (...scopes) => {
      const { id, token } =
        scopes.length === 0
          ? { id: '', token: '' }
          : await createToken(testApp.context, { name: 'a program', scopes });
      const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
      const call: Call = async (method, path, body, headers = {}) => {
        const answer = await sendRequest(`${base}${path}`, method, body, { ...authorization, ...headers });
        check(method, path, answer);
        return answer;
      };
      return Object.assign(call, { id });
    },
  };
}

async function sendRequest(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<ApiResponse> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Json) : {},
  };
}

function operationsOf({ paths }: Json): Operation[] {
  return Object.entries(paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, documented]) => ({
      method: method.toUpperCase(),
      path,
      scope: /`(\w+)`/.exec(String(documented['description']))?.[1] ?? '',
      documented,
    })),
  );
}

/** @throws for an answer whose status, media type or body is not as the document says */
function checker(document: Json, operations: Operation[]) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, 'api', false, false);
  return (method: string, url: string, { status, headers, text, body }: ApiResponse): void => {
    const path = url.split('?')[0] ?? '';
    const known = operations.find((each) => each.method === method && matches(each.path, path));
    if (known === undefined) return;
    const responses = known.documented['responses'] as Record<string, { content?: Json }>;
    // Internal errors are not documented: a program can only wait.
    if (status >= 500) return;
    const said = `${method} ${url} answered ${status}: ${text.slice(0, 300)}`;
    const documented = responses[status];
    if (documented === undefined) throw new Error(`Not documented: ${said}`);
    const [type] = Object.keys(documented.content ?? {});
    if (type === undefined) {
      if (text !== '') throw new Error(`Documented without a body: ${said}`);
      return;
    }
    if (!(headers.get('content-type') ?? '').startsWith(type)) throw new Error(`Not ${type}: ${said}`);
    const steps = [
      'paths',
      known.path,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
      'schema',
    ];
    const validate = ajv.getSchema(`api#/${steps.map(escaped).join('/')}`);
    if (validate === undefined) throw new Error(`No schema: ${said}`);
    if (validate(body) !== true) throw new Error(`${ajv.errorsText(validate.errors)}: ${said}`);
  };
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

/** RFC 6901 section 6: a JSON pointer in a fragment. */
function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Reads a list to its end, `limit` at a time. */
export async function listAllPages(call: Call, path: string, limit: number): Promise<Json[]> {
  const all: Json[] = [];
  for (let cursor = ''; ;) {
    const answer = await call('GET', `${path}&limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page = answer.body['data'] as Json[];
    all.push(...page);
    const next = answer.body['nextCursor'];
    if (typeof next !== 'string') return all;
    if (page.length !== limit) throw new Error(`A page of ${page.length} that is not the last`);
    cursor = next;
  }
}

export const idOf = ({ body }: ApiResponse): string => String(body['id']);
