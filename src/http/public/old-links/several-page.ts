import type { Response } from 'express';
import { unsubscribeToken } from '../../../deliveries/mail-urls.js';
import type { Context } from '../../../platform/context.js';
import { findPublication } from '../../../publications/reads.js';
import type { Subscription } from '../../../subscribers/subscription.js';

/** One list of before has become several newsletters: each has its own page to leave. */
export async function showSeveral(
  { db, templates, links }: Pick<Context, 'db' | 'templates' | 'links'>,
  res: Response,
  readers: readonly Subscription[],
): Promise<void> {
  const newsletters = await Promise.all(
    readers.map(async (reader) => ({
      publication: await findPublication(db, reader.publicationId),
      path: `/unsubscribe/${unsubscribeToken({ links }, reader)}`,
      hasLeft: reader.status === 'unsubscribed',
    })),
  );
  const [first] = newsletters;
  const locale = readers[0]?.locale ?? 'en';
  res
    .type('html')
    .send(
      templates.page('old-link-several', locale, { publication: first?.publication ?? null, newsletters }),
    );
}
