import { z } from 'zod';
import { articleStates } from '../../../articles/article.js';
import { DRAFT_TRANSITIONS } from '../../../digests/drafts/draft.js';
import { statesIn } from '../../../platform/db/transitions.js';
import type { EndpointAccess } from './endpoint-access.js';
import type { Endpoint } from './endpoint.js';

type Json = Record<string, unknown>;

/**
 * The description of the API in OpenAPI 3.1, made from the endpoints' schemas.
 * @param access what each endpoint needs, by its operationId
 */
export function openApiDocument(
  endpoints: readonly Endpoint[],
  access: Readonly<Record<string, EndpointAccess>>,
  publicUrl: string,
): Json {
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method]: operation(endpoint, access[endpoint.operationId]),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Paperround',
      version: '1',
      description: 'Newsletters for publishers. Errors are problem details (RFC 9457) with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'pr_…' } },
      schemas: { Problem: toJsonSchema(problemSchema, 'output') },
    },
  };
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  reference: z.string().optional(),
  articles: z
    .array(z.object({ id: z.uuid(), state: z.enum(articleStates), releaseAt: z.date() }))
    .optional()
    .meta({
      description: 'Of `article-not-released`: which are not out, and until when those that wait do.',
    }),
  draft: z
    .object({
      id: z.uuid(),
      state: z.enum(statesIn(DRAFT_TRANSITIONS)),
      version: z.int(),
      fields: z.array(z.string()).optional(),
    })
    .optional()
    .meta({
      description: 'Of a draft: as it is now; of `changed-meanwhile` also the fields that both changed.',
    }),
});

function operation(endpoint: Endpoint, access: EndpointAccess | undefined): Json {
  const { operationId, summary, scope, method } = endpoint;
  return {
    operationId,
    summary,
    description: `Needs the scope \`${scope}\`${describeNeed(access)}.`,
    tags: [endpoint.path.split('/')[1]],
    parameters: [
      ...parameters(endpoint.params, 'path'),
      ...parameters(endpoint.query, 'query'),
      ...(method === 'post' ? [idempotencyKey] : []),
    ],
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: toJsonSchema(endpoint.body, 'input') } },
          },
        }),
    responses: { ...successResponses(endpoint), ...errorResponses(endpoint) },
  };
}

/** What the maker of a token needs. */
function describeNeed(access: EndpointAccess | undefined): string {
  switch (access?.need) {
    case undefined:
      return ', and is refused to everybody';
    case 'administer':
      return ', of a token for the whole server';
    case 'look':
      return ', of a token that reaches the publication';
    case 'change':
      return ', of a token that reaches the publication, made by an owner or editor of it';
    case 'own':
      return ', of a token that reaches the publication, made by an owner of it';
  }
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and body get the first answer again; the same key with another body is refused.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function successResponses({ responses: known }: Endpoint): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(known).map(([status, { description, schema }]) => [
      status,
      schema === undefined
        ? { description }
        : { description, content: { 'application/json': { schema: toJsonSchema(schema, 'output') } } },
    ]),
  );
}

/** The responses for errors, which an endpoint does not list. */
function errorResponses({ method, params, query, body, responses: known }: Endpoint): Record<string, Json> {
  const statuses: [string, string, boolean][] = [
    ['400', 'The path, the query, a header or the JSON is not understood.', true],
    ['401', 'No token, or not a valid one.', true],
    ['403', 'The token lacks the scope, or whoever made it may not do that now.', true],
    [
      '404',
      'There is nothing with this id.',
      params !== undefined || query !== undefined || body !== undefined,
    ],
    ['409', 'It is not in a state for that.', method !== 'get'],
    ['413', 'The body is larger than 2 MB.', body !== undefined],
    ['415', 'The body is not JSON.', body !== undefined],
    [
      '422',
      'The body is not valid, or its Idempotency-Key was used with another one.',
      method === 'post' || body !== undefined,
    ],
    ['429', 'Too many requests with this token.', true],
    [
      '503',
      'The database is not available, or too much comes in at once: try again after Retry-After.',
      true,
    ],
  ];
  return Object.fromEntries(
    statuses
      .filter(([status, , applies]) => applies && !(status in known))
      .map(([status, description]) => [
        status,
        {
          description,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
  );
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: io === 'output' ? datesAsText : textAsRead,
  });
  return json;
}

type Printed = {
  zodSchema: { _zod: { def: { type: string; checks?: { _zod: { def: { check: string } } }[] } } };
  jsonSchema: Json;
};

/** zod prints no schema for a Date; in JSON it is text, an instant in ISO 8601. */
function datesAsText({ zodSchema, jsonSchema }: Printed): void {
  if (zodSchema._zod.def.type !== 'date') return;
  jsonSchema['type'] = 'string';
  jsonSchema['format'] = 'date-time';
}

/**
 * What parsing checks of text beyond its schema: no NUL, which Postgres does not store, and not only spaces where
 * trimmed.
 */
function textAsRead({ zodSchema, jsonSchema }: Printed): void {
  const { type, checks = [] } = zodSchema._zod.def;
  if (type !== 'string' || jsonSchema['type'] !== 'string') return;
  const { pattern, format, minLength } = jsonSchema;
  if (pattern === undefined && format === undefined) jsonSchema['pattern'] = '^[^\\u0000]*$';
  const isTrimmed = checks.some((each) => each._zod.def.check === 'overwrite');
  if (isTrimmed && minLength !== undefined) jsonSchema['allOf'] = [{ pattern: '\\S' }];
}
