import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { answerOnce, type KeyedResult } from '../../../operators/idempotency-keys.js';
import type { Context } from '../../../platform/context.js';
import type { Db } from '../../../platform/db/database.js';
import { requestedPath } from '../../middleware/base-path.js';
import { publicationDeskOf } from './desk.js';

/** The hidden field of a form that sends: each page has another. */
const keyedForm = z.object({ key: z.uuid() });

/** Where the answer leads; without a key nothing was done. */
export type OnceResult = { kind: 'done'; location: string } | { kind: 'no-key' } | { kind: 'busy' };

const [WAIT_MS, MAX_WAITS] = [200, 25];

/**
 * Does what a form that sends asks for once, however often it comes: pressed twice, or sent again because the process died
 * before it could answer. Whatever else it says then, it leads where it led first.
 * @param act does it with this database only, and says where its answer leads
 */
export async function actOnce(
  context: Pick<Context, 'db' | 'now'>,
  req: Request<object>,
  res: Response,
  act: (db: Db) => Promise<string>,
): Promise<OnceResult> {
  const form = keyedForm.safeParse(req.body);
  if (!form.success) return { kind: 'no-key' };
  const request = `${req.method} ${requestedPath(req as Request)}`;
  const key = keyOf(res, request, form.data.key);
  const attempt = () =>
    answerOnce(context, { tokenId: null, key, request }, async (db) => ({
      kind: 'response',
      response: { status: 303, body: { location: await act(db) } },
    }));
  const answered = await whileInProgress(attempt);
  if (answered.kind !== 'response') return { kind: 'busy' };
  return { kind: 'done', location: (answered.response.body as { location: string }).location };
}

/** Of one operator and one form: nobody can ask for what another operator's form led to. */
function keyOf(res: Response, request: string, key: string): string {
  const { operator } = publicationDeskOf(res);
  const form = createHash('sha256').update(request).digest('base64url');
  return `desk:${operator?.id ?? 'link'}:${key}:${form}`;
}

/** The first of two presses takes a moment. */
async function whileInProgress(attempt: () => Promise<KeyedResult>): Promise<KeyedResult> {
  let answered = await attempt();
  for (let waits = 0; answered.kind === 'in-progress' && waits < MAX_WAITS; waits++) {
    await sleep(WAIT_MS);
    answered = await attempt();
  }
  return answered;
}

/** What a page says where a form that sends had no key, or its first sending is not over. */
export const onceFlashes: Record<string, string> = {
  'no-key': 'Nothing was sent: the form came from an older page. Press once more.',
  busy: 'It is still being done. Look again in a moment, before you press once more.',
};
