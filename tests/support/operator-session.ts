import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { createEntryLink } from '../../src/operators/entry-link.js';
import { post } from './reader-actions.js';
import type { TestApp } from './test-app.js';

/** Presses the button behind a new entry link. Returns the cookie of the session. */
export async function enterDashboard({ context }: TestApp, operatorId?: string | null): Promise<string> {
  return sessionCookie(await post(await createEntryLink(context, operatorId)));
}

export function sessionCookie(answer: Response): string {
  expect(answer.status).toBe(303);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
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

function mainText(html: string): string {
  const main = /<main[^>]*>(.*)<\/main>/s.exec(html)?.[1] ?? '';
  return main.replaceAll(/<svg.*?<\/svg>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ');
}
