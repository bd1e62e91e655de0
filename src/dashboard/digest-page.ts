import { findArticles } from '../articles/reads.js';
import { describeCancelled } from '../deliveries/cancelled.js';
import { forecast } from '../deliveries/forecast.js';
import { mayResolve } from '../deliveries/resolve-digest.js';
import { whatFailed } from '../deliveries/retry-digest.js';
import { mayControl, type Control } from '../digests/control.js';
import { PLAIN_ORDER, type Digest } from '../digests/digest.js';
import { digestName } from '../digests/digest-name.js';
import { findDigest, listVariants } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import type { ShownCircuit } from '../transports/circuit.js';
import { listCircuits } from '../transports/reads.js';
import { summariseDigest, type DigestSummary } from './overview.js';

/** One digest as an operator sees it, with what can be done about it now. */
export type DigestPage = DigestSummary & {
  publication: Publication;
  name: string;
  articles: { title: string; url: string | null }[];
  may: Record<Control, boolean> & { resend: boolean };
  /** How many mails trying again would try. */
  failed: number;
  /** What cancelling came to, in sentences; none while it is not cancelled. */
  cancelled: string[];
  /** What is left alone for now, while mail of it may wait for that. */
  circuits: ShownCircuit[];
};

const MOST_ARTICLES = 50;

export async function readDigestPage(
  { db }: Pick<Context, 'db'>,
  id: string,
): Promise<DigestPage | undefined> {
  const digest = await findDigest(db, id);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (digest === undefined || publication === undefined) return undefined;
  const summary = await summariseDigest({ db }, digest);
  const { deferred, rejected, skipped } = await whatFailed({ db }, digest);
  const failed = deferred + rejected + skipped;
  const { uncertain } = summary.counts;
  return {
    ...summary,
    publication,
    name: digestName(digest, summary.subject ?? digest.subject),
    articles: await articlesOf(db, digest),
    may: {
      approve: mayControl(digest.state, 'approve'),
      pause: mayControl(digest.state, 'pause'),
      resume: mayControl(digest.state, 'resume'),
      cancel: mayControl(digest.state, 'cancel'),
      retry: mayControl(digest.state, 'retry') && failed > 0,
      resolve: mayResolve(digest, 'accepted') && uncertain > 0,
      resend: mayResolve(digest, 'resend') && uncertain > 0,
    },
    failed,
    cancelled: digest.state === 'cancelled' ? (await describeCancelled(db, digest)).says : [],
    circuits: ['sending', 'paused'].includes(digest.state) ? await listCircuits(db) : [],
  };
}

/** Those in it, or before anybody was planned those it would bring now. */
async function articlesOf(db: Context['db'], digest: Digest): Promise<DigestPage['articles']> {
  const variants = await listVariants(db, digest.id);
  const isAhead = variants.length === 0 && (digest.state === 'held' || digest.state === 'approved');
  const ids = isAhead ? await idsAhead(db, digest) : variants.flatMap(({ articleIds }) => articleIds);
  const articles = await findArticles(db, [...new Set(ids)].slice(0, MOST_ARTICLES));
  return articles.map(({ title, url }) => ({ title, url }));
}

async function idsAhead(db: Context['db'], digest: Digest): Promise<string[]> {
  const { cadence, publicationId } = digest;
  const order = cadence === 'operator' ? digest : { ...PLAIN_ORDER, audience: { cadence } };
  return (await forecast({ db }, publicationId, order)).articleIds;
}
