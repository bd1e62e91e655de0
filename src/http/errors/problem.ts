import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';

/** An expected error of the API, thrown by a handler and sent as problem details (RFC 9457). */
export class ApiProblem extends Error {
  /**
   * @param code stable, for programs; `detail` is for people and may change
   * @param more what a program can act on: further members (RFC 9457 section 3.2), and the seconds of Retry-After
   */
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly more: { members?: Record<string, unknown>; retryAfter?: number } = {},
  ) {
    super(detail);
  }
}

/** `code` is stable, `detail` is for people; further members are for a program to act on (RFC 9457 section 3.2). */
type ProblemDetails = { status: number; code: string; detail: string } & Record<string, unknown>;

/** Sends problem details (RFC 9457). */
export function sendProblem(res: Response, { status, code, detail, ...members }: ProblemDetails): void {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = { type: 'about:blank', title, status, code, detail, ...members };
  res.status(status).type('application/problem+json').send(JSON.stringify(body));
}
