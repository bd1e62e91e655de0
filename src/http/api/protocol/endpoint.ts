import type { z } from 'zod';
import type { Scope } from '../../../operators/api-token.js';
import type { Context } from '../../../platform/context.js';

export type ApiContext = Pick<
  Context,
  'db' | 'now' | 'links' | 'hashAddress' | 'templates' | 'publicUrl' | 'fetchPage' | 'log'
>;

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a route answers: a status of its `answers`, and a body of that shape. */
export type EndpointResponse = { status: number; body?: unknown };

export type EndpointSchemas<Params, Query, Body> = {
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
};

/**
 * One route of the API. The same object parses what comes in, runs the operation, and is printed into openapi.json:
 * the document cannot say anything else than the code does.
 */
export type Endpoint<Params = unknown, Query = unknown, Body = unknown> = EndpointSchemas<
  Params,
  Query,
  Body
> & {
  method: Method;
  /** `/articles/{id}`, as OpenAPI writes it. */
  path: string;
  /** Unique; what client generators call the function. */
  operationId: string;
  summary: string;
  scope: Scope;
  responses: Record<number, { description: string; schema?: z.ZodType }>;
  handle(context: ApiContext, input: { params: Params; query: Query; body: Body }): Promise<EndpointResponse>;
};

/** Keeps the types of one endpoint's shapes together; the table of all of them does not need to know them. */
export function endpoint<Params, Query, Body>(definition: Endpoint<Params, Query, Body>): Endpoint {
  return definition;
}

/** An expected refusal, thrown by a handler to leave it early; answered as RFC 9457 problem details. */
export class Problem extends Error {
  /** @param code stable, for programs; `detail` is for people and may change */
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}
