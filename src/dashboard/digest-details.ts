import { findArticles } from '../articles/reads.js';
import { describeCancellation } from '../deliveries/control/cancellation-report.js';
import { forecastDigest } from '../deliveries/plan/forecast.js';
import { mayResolve } from '../deliveries/control/resolve-digest.js';
import { readFailedCounts } from '../deliveries/control/retry-digest.js';
import { listCircuitsWithMail } from '../deliveries/waiting-mail.js';
import { isActionAllowed, type DigestAction } from '../digests/transition.js';
import { DEFAULT_ORDER, type Digest } from '../digests/digest.js';
import { digestName } from '../digests/display-name.js';
import { findDigest, listVariants } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import type { CircuitWithTransport } from '../transports/circuits/circuit.js';
import { summariseDigest, type DigestSummary } from './overview.js';

/** One digest as an operator sees it, with what can be done about it now. */
export type DigestDetails = DigestSummary & {
  publication: Publication;
  name: string;
  detailsDeletedAt: Date | null;
  articles: { title: string; url: string | null }[];
  may: Record<DigestAction, boolean> & { resend: boolean };
  /** How many mails trying again would try. */
  failed: number;
  /** What cancelling did, in sentences; none while it is not cancelled. */
  cancelled: string[];
  /** Open circuits that mail of it may wait for; none unless it is being sent or paused. */
  circuits: CircuitWithTransport[];
};

const MAX_ARTICLES = 50;

export async function readDigestDetails(
  context: Pick<Context, 'db' | 'templates'>,
  id: string,
): Promise<DigestDetails | undefined> {
  const { db } = context;
  const words = context.templates.operatorWords;
  const digest = await findDigest(db, id);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (digest === undefined || publication === undefined) return undefined;
  const summary = await summariseDigest(context, digest);
  const { deferred, rejected, skipped } = await readFailedCounts({ db }, digest);
  const failed = deferred + rejected + skipped;
  const { uncertain } = summary.counts;
  return {
    ...summary,
    publication,
    detailsDeletedAt: digest.detailsDeletedAt,
    name: digestName(digest, summary.subject ?? digest.subject, words),
    articles: await listDigestArticles(db, digest),
    may: {
      approve: isActionAllowed(digest.state, 'approve'),
      pause: isActionAllowed(digest.state, 'pause'),
      resume: isActionAllowed(digest.state, 'resume'),
      cancel: isActionAllowed(digest.state, 'cancel'),
      retry: mayResolve(digest, 'resend') && failed > 0,
      resolve: mayResolve(digest, 'accepted') && uncertain > 0,
      resend: mayResolve(digest, 'resend') && uncertain > 0,
    },
    failed,
    cancelled:
      digest.state === 'cancelled' ? (await describeCancellation(db, digest, words)).explanation : [],
    circuits: ['sending', 'paused'].includes(digest.state) ? await listCircuitsWithMail(db) : [],
  };
}

/** Those in it, or before anybody was planned those it would have if it were planned now. */
async function listDigestArticles(db: Context['db'], digest: Digest): Promise<DigestDetails['articles']> {
  const variants = await listVariants(db, digest.id);
  const isUnplanned = variants.length === 0 && (digest.state === 'held' || digest.state === 'approved');
  const ids = isUnplanned
    ? await listExpectedArticleIds(db, digest)
    : variants.flatMap(({ articleIds }) => articleIds);
  const articles = await findArticles(db, [...new Set(ids)].slice(0, MAX_ARTICLES));
  return articles.map(({ title, url }) => ({ title, url }));
}

async function listExpectedArticleIds(db: Context['db'], digest: Digest): Promise<string[]> {
  const { cadence, publicationId } = digest;
  const order = cadence === 'operator' ? digest : { ...DEFAULT_ORDER, audience: { cadence } };
  return (await forecastDigest({ db }, publicationId, order)).articleIds;
}
