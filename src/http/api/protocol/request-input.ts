import type { Request, Response } from 'express';
import { z } from 'zod';
import { findJsonError } from '../../../articles/parse/json-error.js';
import { describeMistakes } from '../../../platform/text/describe-mistakes.js';
import { ApiProblem } from '../../errors/problem.js';
import { readApiJson } from '../../middleware/read-body.js';
import type { Endpoint } from './endpoint.js';

/** Our error codes, by the `type` of body-parser's errors. */
const errorCodes: Record<string, string> = {
  'entity.parse.failed': 'malformed-json',
  'entity.too.large': 'too-large',
};

/**
 * Reads the body of a route that has one. Called once the token is known to be valid, since a body takes memory.
 * @throws ApiProblem 400 for malformed JSON, 413 for a body that is too large, 415 for one that is not JSON, 404 for a path without
 * a possible id
 */
export async function readBody(endpoint: Endpoint, req: Request, res: Response): Promise<void> {
  if (endpoint.body === undefined) return;
  if (req.is('json') === false && req.get('content-length') !== '0') throw notJson();
  parse(endpoint.params, req.params, 404);
  const error = await readApiJson(req, res).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error === undefined) return;
  const { status, type = '', message, body } = error as BodyError;
  if (typeof status !== 'number' || status >= 500) throw error;
  if (status === 415) throw notJson();
  const detail =
    type === 'entity.parse.failed' ? describeBrokenJson(String(body)) : (errorWords[type] ?? message);
  throw new ApiProblem(status, errorCodes[type] ?? 'bad-request', `Nothing was changed. ${detail}.`);
}

/** Of body-parser; `body` is the text that is no JSON. */
type BodyError = { status?: unknown; type?: string; message: string; body?: unknown };

const errorWords: Record<string, string> = {
  'entity.too.large': 'The body is larger than 2 MB',
  'request.size.invalid': 'The body is not as long as its Content-Length says',
  'request.aborted': 'The body was cut off',
};

function describeBrokenJson(text: string): string {
  const broken = findJsonError(text);
  return broken === undefined
    ? 'The body is not JSON: it has to be an object in curly brackets'
    : `The body is not JSON: it breaks in line ${broken.line}, column ${broken.column}`;
}

/**
 * @throws ApiProblem where the request does not fit the endpoint's schemas: 404 for an id, 400 for a query, 422 for a
 * body
 */
export function readInput({ params, query, body }: Endpoint, req: Request) {
  return {
    params: parse(params, req.params, 404),
    query: parse(query ?? z.strictObject({}), req.query, 400, 'The query'),
    body: parse(body, req.body, 422, 'The body'),
  };
}

function notJson(): ApiProblem {
  return new ApiProblem(415, 'not-json', 'Send the body as Content-Type: application/json, in UTF-8.');
}

function parse(schema: z.ZodType | undefined, value: unknown, status: number, whole = 'The path'): unknown {
  if (schema === undefined) return undefined;
  const { data, mistakes } = describeMistakes(schema, value, whole);
  if (status === 404 && (mistakes !== undefined || hasNul(value)))
    throw new ApiProblem(404, 'not-found', 'There is nothing with this id.');
  if (mistakes !== undefined)
    throw new ApiProblem(status, 'invalid-request', `Nothing was changed. ${mistakes.join('; ')}.`);
  // Postgres does not store NUL in text.
  if (hasNul(value))
    throw new ApiProblem(status, 'invalid-request', 'Nothing was changed. There is a NUL character in it.');
  return data;
}

/** JSON writes NUL as \u0000, and a backslash of the text itself as two. */
function hasNul(value: unknown): boolean {
  return /(?<!\\)(?:\\\\)*\\u0000/.test(JSON.stringify(value) ?? '');
}
