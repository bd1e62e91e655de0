import type { Request } from 'express';
import { z } from 'zod';
import { orderTest, type TestOrdered } from '../../../../deliveries/preview/order-test.js';
import { readForm } from '../../../middleware/read-body.js';
import { deskPath, publicationDeskOf } from '../../frame/desk.js';
import { actOnce } from '../../frame/once.js';
import { kindOf, lookQuery, readLook } from './look.js';
import type { Handled, Previews } from './previews.js';

const testForm = z.object({ to: z.uuid().optional() });

/** Orders a test of what is looked at, and leads back to the page, which says what became of it. */
export async function sendTestMail({ context }: Previews, { asked, req, res }: Handled): Promise<void> {
  await readForm(req as Request, res);
  const { publication, operator } = publicationDeskOf(res);
  const look = readLook(req.query);
  const back = (req.body as { back?: unknown } | undefined)?.back;
  const page = back === 'set-up' ? `${deskPath(publication)}/set-up` : asked.path + lookQuery(look);
  const done = (word: string) => `${page}${page.includes('?') ? '&' : '?'}done=${word}`;
  if (operator === undefined) return res.redirect(303, done('test-nobody'));
  const form = testForm.safeParse(req.body ?? {});
  if (!form.success) return res.redirect(303, done('test-unknown-recipient'));
  const once = await actOnce(context, req, res, async (db) => {
    const ordered = await orderTest(
      { ...context, db },
      { publication, operator, recipientId: form.data.to, source: asked.source, as: kindOf(look) },
    );
    return done(wordOf(ordered));
  });
  return res.redirect(303, once.kind === 'done' ? once.location : done(once.kind));
}

function wordOf(ordered: TestOrdered): string {
  return ordered.kind === 'ordered' ? 'test' : `test-${ordered.kind}`;
}
