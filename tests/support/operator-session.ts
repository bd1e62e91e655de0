import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { createOperator } from '../../src/operators/accounts.js';
import { createEntryLink } from '../../src/operators/entry-link.js';
import type { Operator, Role } from '../../src/operators/operator.js';
import { listPublications } from '../../src/publications/reads.js';
import { post } from './reader-actions.js';
import type { TestApp } from './test-app.js';

/** An account with a role at every publication there is, or one that administers the server. */
export async function addOperator(
  { context }: TestApp,
  email: string,
  role: Role | 'administrator' = 'administrator',
): Promise<Operator> {
  const publicationIds = (await listPublications(context.db)).map(({ id }) => id);
  const grant = role === 'administrator' ? role : { role, publicationIds };
  const operator = await createOperator(context, { email, name: null, grant });
  if (operator === undefined) throw new Error(`There is an operator ${email}`);
  return operator;
}

/** Presses the button behind a new entry link. Returns the cookie of the session. */
export async function enterDashboard({ context }: TestApp, operatorId?: string | null): Promise<string> {
  return sessionCookie(await post(await createEntryLink(context, operatorId)));
}

/** The cookie of a browser that was signed in just now. */
export function sessionCookie(answer: Response): string {
  expect(answer.status).toBe(303);
  return findCookie(answer, 'paperround_operator');
}

/** A cookie that an answer sets, as a browser sends it. */
function findCookie(answer: Response, name: string): string {
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
  return cookies.find((cookie) => cookie.startsWith(`${name}=`)) ?? '';
}

/** What a form that sends has in its hidden field. */
export function newFormKey(): { key: string } {
  return { key: randomUUID() };
}

/** The words of the main part of an operators' page, without markup and pictures. `path` is what follows /operator; a page that leads on is followed. */
export async function readDashboardPage({ url }: TestApp, path: string, cookie: string): Promise<string> {
  return mainText(
    await (await fetch(`${url}/operator${path}`, { headers: { accept: 'text/html', cookie } })).text(),
  );
}

export function mainText(html: string): string {
  const main = /<main[^>]*>(.*)<\/main>/s.exec(html)?.[1] ?? '';
  return main.replaceAll(/<svg.*?<\/svg>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ');
}
