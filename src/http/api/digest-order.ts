import type { z } from 'zod';
import { checkReleased, describeUnreleased } from '../../articles/release/unreleased.js';
import type { ReleaseState } from '../../articles/reads.js';
import { isOver } from '../../deliveries/plan/operator-digest.js';
import type { Audience, DigestOrder } from '../../digests/digest.js';
import { ApiProblem } from '../errors/problem.js';
import type { createDigestSchema } from './digest-schemas.js';
import type { ApiContext } from './protocol/endpoint.js';

/**
 * The order of an operator's digest.
 * @throws ApiProblem 404 for an article that is not of this publication, 409 for one that is not released, 422 for a digest
 * without articles, subject and note
 */
export async function readOrder(
  context: Pick<ApiContext, 'db' | 'now' | 'templates'>,
  publicationId: string,
  body: z.infer<typeof createDigestSchema>,
): Promise<DigestOrder> {
  const { articles, again, subject = null, preheader = null, note = null, outro = null } = body;
  if (articles?.length === 0 && (subject === null || note === null)) {
    throw new ApiProblem(
      422,
      'invalid-request',
      'Nothing was sent. A digest without articles needs a subject and a note.',
    );
  }
  if (articles !== undefined) await requireReleased(context, publicationId, articles);
  const words = { subject, preheader, note, outro, articleChoices: [] };
  return { ...words, articleIds: articles ?? null, audience: readAudience(body.audience), again };
}

/**
 * When a digest is to go; undefined: now.
 * @throws ApiProblem 422 for a time that is over
 */
export function readSendAt(text: string | undefined, now: Date): Date | undefined {
  const sendAt = text === undefined ? undefined : new Date(text);
  if (sendAt === undefined || !isOver(sendAt, now)) return sendAt;
  const over = `sendAt: is over; here it is ${now.toISOString()}`;
  throw new ApiProblem(422, 'invalid-request', `Nothing was sent. ${over}. Leave it out to send now.`);
}

async function requireReleased(
  { db, now, templates }: Pick<ApiContext, 'db' | 'now' | 'templates'>,
  publicationId: string,
  ids: readonly string[],
): Promise<void> {
  const result = await checkReleased(db, publicationId, ids);
  if (result.kind === 'all-released') return;
  if (result.kind === 'unknown') {
    const unknown = result.ids.join(', ');
    throw new ApiProblem(
      404,
      'no-such-article',
      `Nothing was sent. This publication has no article ${unknown}.`,
    );
  }
  const { articles } = result;
  const why = articles.map((article) => describeUnreleased(article, now(), templates.operatorWords));
  throw new ApiProblem(
    409,
    'article-not-released',
    `Nothing was sent: only released articles can be. ${why.join(' ')} ${describeWayOut(articles)}`.trim(),
    {
      members: { articles: articles.map(({ id, state, releaseAt }) => ({ id, state, releaseAt })) },
      ...waitOf(articles, now()),
    },
  );
}

function describeWayOut(articles: readonly ReleaseState[]): string {
  return articles.some(({ state }) => state === 'waiting' || state === 'held')
    ? 'POST /articles/{id}/release lets one go now; an article that is pushed with "release": true is released at once.'
    : '';
}

/** When asking again may work without anybody's decision. */
function waitOf(articles: readonly ReleaseState[], now: Date): { retryAfter?: number } {
  if (!articles.every(({ state }) => state === 'waiting')) return {};
  const latest = Math.max(...articles.map(({ releaseAt }) => releaseAt.getTime()));
  return { retryAfter: Math.max(1, Math.ceil((latest - now.getTime()) / 1000)) };
}

function readAudience(whom: z.infer<typeof createDigestSchema>['audience']): Audience {
  if (whom === 'confirmed') return {};
  const { cadence, locale, topics } = whom;
  return { ...(cadence && { cadence }), ...(locale && { locale }), ...(topics && { topics }) };
}
