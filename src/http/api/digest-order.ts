import type { z } from 'zod';
import { areReleased } from '../../articles/reads.js';
import type { Audience, DigestOrder } from '../../digests/digest.js';
import { ApiProblem } from '../errors/problem.js';
import type { createDigestSchema } from './digest-schemas.js';
import type { ApiContext } from './protocol/endpoint.js';

/**
 * The order of an operator's digest.
 * @throws ApiProblem 404 for an article that is not released here, 422 for a digest without articles, subject and note
 */
export async function readOrder(
  { db }: ApiContext,
  publicationId: string,
  body: z.infer<typeof createDigestSchema>,
): Promise<DigestOrder> {
  const { articles, again } = body;
  const subject = body.subject ?? null;
  const note = body.note ?? null;
  if (articles?.length === 0 && (subject === null || note === null)) {
    throw new ApiProblem(
      422,
      'invalid-request',
      'Nothing was sent. A digest without articles needs a subject and a note.',
    );
  }
  if (articles !== undefined && !(await areReleased(db, publicationId, articles))) {
    throw new ApiProblem(
      404,
      'no-such-article',
      'Nothing was sent. All articles must be released ones of this publication.',
    );
  }
  return { subject, note, articleIds: articles ?? null, audience: readAudience(body.audience), again };
}

function readAudience(whom: z.infer<typeof createDigestSchema>['audience']): Audience {
  if (whom === 'confirmed') return {};
  const { cadence, locale, topics } = whom;
  return { ...(cadence && { cadence }), ...(locale && { locale }), ...(topics && { topics }) };
}
