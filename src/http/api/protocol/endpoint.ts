import type { z } from 'zod';
import type { Scope } from '../../../operators/api-token.js';
import type { Context } from '../../../platform/context.js';

export type ApiContext = Pick<
  Context,
  | 'config'
  | 'db'
  | 'now'
  | 'actor'
  | 'links'
  | 'hashAddress'
  | 'templates'
  | 'publicUrl'
  | 'fetchPage'
  | 'log'
  | 'checkMailDomain'
>;

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a route sends back: one of the statuses in its `responses`, and a body of that schema. */
export type EndpointResponse = { status: number; body?: unknown };

export type EndpointSchemas<Params, Query, Body> = {
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
};

/**
 * One route of the API. Its schemas parse the request and are printed into openapi.json, so that the two cannot differ.
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
  /** A scope that this body needs besides. */
  bodyScope?(body: Body): Scope | undefined;
  responses: Record<number, { description: string; schema?: z.ZodType }>;
  handle(
    context: ApiContext,
    input: EndpointInput<Params, Query, Body>,
    caller: Caller,
  ): Promise<EndpointResponse>;
};

/** A request, as the endpoint's schemas have parsed it. */
export type EndpointInput<Params = unknown, Query = unknown, Body = unknown> = {
  params: Params;
  query: Query;
  body: Body;
};

/** Who asks: the publications at which the token may do what the endpoint does (see `endpoint-access.ts`). */
export type Caller = {
  publicationIds: readonly string[];
  /** The one that the request is about; undefined: several, or the whole server. */
  publicationId?: string | undefined;
};

/** Checks an endpoint's handler against its schemas, and drops their types: the list of all endpoints has one type. */
export function endpoint<Params, Query, Body>(definition: Endpoint<Params, Query, Body>): Endpoint {
  return definition;
}
