import type { z } from 'zod';
import { forecastDigest } from '../../deliveries/plan/forecast.js';
import { previewReader } from '../../deliveries/plan/preview-reader.js';
import { composeMail } from '../../digests/compose/compose-mail.js';
import { describeMailSize } from '../../digests/compose/mail-size.js';
import type { DigestOrder } from '../../digests/digest.js';
import type { Publication } from '../../publications/publication.js';
import { ApiProblem } from '../errors/problem.js';
import { readerPreviewSchema, type forecastSchema } from './digest-schemas.js';
import type { ApiContext } from './protocol/endpoint.js';
import { requirePublication } from './publications.js';

/** How many readers would get this digest, and of which articles; subject and size are those of one mail with all of them. */
export async function forecastResponse(
  context: ApiContext,
  publication: Publication,
  order: DigestOrder,
): Promise<z.infer<typeof forecastSchema>> {
  const { readers, more, articleIds: due } = await forecastDigest(context, publication.id, order);
  const counted = { readers, more, articles: due };
  // Chosen articles and words make a mail whoever gets it.
  if (readers === 0 && order.articleIds === null) return { ...counted, subject: null, size: null };
  const articleIds = readers === 0 ? (order.articleIds ?? []) : due;
  const date = context.now();
  const { locale } = publication;
  const mail = await composeMail(context, { publication, locale, articleIds, date, operatorText: order });
  return {
    ...counted,
    subject: mail.subject,
    size: describeMailSize(mail.size, context.templates.operatorWords),
  };
}

/**
 * What one reader would get at one moment, and why.
 * @throws ApiProblem 422 without `dryRun` or `reader`, 404 for an address without a subscription
 */
export async function previewForReader(
  context: ApiContext,
  body: { publication: string; dryRun: boolean; reader?: string | undefined; at?: string | undefined },
): Promise<z.infer<typeof readerPreviewSchema>> {
  if (!body.dryRun || body.reader === undefined) {
    throw new ApiProblem(
      422,
      'invalid-request',
      'Nothing was sent. `reader` and `at` ask for a preview: add `dryRun`.',
    );
  }
  const publication = await requirePublication(context, body.publication);
  const at = body.at === undefined ? undefined : new Date(body.at);
  const found = await previewReader(context, publication, body.reader, at);
  if (found === undefined)
    throw new ApiProblem(404, 'no-such-subscription', 'This address has no subscription here.');
  const mailings = found.digests.map(({ articles, ...rest }) => ({
    ...rest,
    articles: articles.map(({ id }) => id),
  }));
  return readerPreviewSchema.parse({ ...found, mailings });
}
