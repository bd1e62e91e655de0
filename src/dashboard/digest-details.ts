import { findArticles } from '../articles/reads.js';
import { describeCancellation } from '../deliveries/control/cancellation-report.js';
import { mayResolve } from '../deliveries/control/resolve-digest.js';
import { describeLogDoubts } from '../deliveries/log-doubt.js';
import { countLogDoubts } from '../deliveries/reads.js';
import { estimateFailed } from '../deliveries/control/retry-digest.js';
import { listCircuitsWithMail } from '../deliveries/waiting-mail.js';
import { readDueCounts } from '../digests/calendar/due-counts.js';
import { isActionAllowed, type DigestAction } from '../digests/transition.js';
import { orderOf, type Digest } from '../digests/digest.js';
import { digestName } from '../digests/display-name.js';
import { findDigest, listArticleIds } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import type { CircuitWithTransport } from '../transports/circuits/circuit.js';
import { readAudience, type AudienceNumbers } from './audience.js';
import { readEventsOfDigest, type EventGroup } from './events-of-digest.js';
import { summariseDigest, type DigestSummary } from './overview.js';

/** One digest as an operator sees it, with what can be done about it now. */
export type DigestDetails = DigestSummary & {
  publication: Publication;
  name: string;
  detailsDeletedAt: Date | null;
  holdReasons: Digest['holdReasons'];
  articles: { title: string; url: string | null }[];
  may: Record<DigestAction, boolean> & { resend: boolean };
  /** How many mails trying again would try. */
  failed: number;
  /** Of those some may be for addresses that are suppressed, and left alone. */
  failedIsAtMost: boolean;
  /** What cancelling did, in sentences; none while it is not cancelled. */
  cancelled: string[];
  /** Why the log of the mail server does not decide what became of uncertain mails, in sentences. */
  doubts: string[];
  /** Open circuits that mail of it may wait for; none unless it is being sent or paused. */
  circuits: CircuitWithTransport[];
  /** Whom it is for; undefined once it has begun. */
  audience: AudienceNumbers | undefined;
  /** Readers of its rhythm whose hour in its period is still to come; undefined for an order, and once it is over. */
  toCome: { readers: number; lastAt: Date | null } | undefined;
  /** What came back of accepted mails. */
  eventGroups: EventGroup[];
};

const MAX_ARTICLES = 50;

type DetailsContext = Pick<Context, 'db' | 'now' | 'templates'>;

export async function readDigestDetails(
  context: DetailsContext,
  id: string,
): Promise<DigestDetails | undefined> {
  const { db } = context;
  const words = context.templates.operatorWords;
  const digest = await findDigest(db, id);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (digest === undefined || publication === undefined) return undefined;
  const summary = await summariseDigest(context, digest);
  const { failed, isAtMost } = await estimateFailed({ db }, digest);
  const hasBegun = digest.state !== 'held' && digest.state !== 'approved';
  const audience = hasBegun ? undefined : await readAudience(db, publication.id, orderOf(digest));
  const isOnItsWay = ['sending', 'paused'].includes(digest.state);
  return {
    ...summary,
    publication,
    detailsDeletedAt: digest.detailsDeletedAt,
    holdReasons: digest.holdReasons,
    name: digestName(digest, summary.subject ?? digest.subject, words),
    articles: await listDigestArticles(db, digest, audience),
    may: allowedActions(digest, { failed, uncertain: summary.counts.uncertain }),
    failed,
    failedIsAtMost: isAtMost,
    cancelled:
      digest.state === 'cancelled' ? (await describeCancellation(db, digest, words)).explanation : [],
    doubts: summary.counts.uncertain > 0 ? describeLogDoubts(await countLogDoubts(db, id)) : [],
    circuits: isOnItsWay ? await listCircuitsWithMail(db) : [],
    audience,
    eventGroups: await readEventsOfDigest(context, digest.id),
    toCome: isOnItsWay ? await countReadersToCome(context, digest) : undefined,
  };
}

function allowedActions(
  digest: Digest,
  { failed, uncertain }: { failed: number; uncertain: number },
): DigestDetails['may'] {
  const isAllowed = (action: DigestAction) => isActionAllowed(digest.state, action);
  return {
    approve: isAllowed('approve'),
    hold: isAllowed('hold'),
    reschedule: isAllowed('reschedule') && digest.cadence === 'operator',
    pause: isAllowed('pause'),
    resume: isAllowed('resume'),
    cancel: isAllowed('cancel'),
    retry: mayResolve(digest, 'resend') && failed > 0,
    resolve: mayResolve(digest, 'accepted') && uncertain > 0,
    resend: mayResolve(digest, 'resend') && uncertain > 0,
  };
}

/** Readers of its rhythm whose hour in its period is still to come; undefined for an order. */
export async function countReadersToCome(
  context: Pick<Context, 'db' | 'now'>,
  { publicationId, cadence, period }: Pick<Digest, 'publicationId' | 'cadence' | 'period'>,
): Promise<DigestDetails['toCome']> {
  if (cadence === 'operator' || cadence === 'instant') return undefined;
  const counts = await readDueCounts(context, publicationId);
  const own = counts.filter((count) => count.cadence === cadence && count.period === period);
  return { readers: own.reduce((sum, { readers }) => sum + readers, 0), lastAt: own.at(-1)?.dueAt ?? null };
}

/** Those in it, or before anybody was planned those it would have if it were planned now. */
async function listDigestArticles(
  db: Context['db'],
  digest: Digest,
  audience: AudienceNumbers | undefined,
): Promise<DigestDetails['articles']> {
  const planned = await listArticleIds(db, digest.id);
  const ids = planned.length === 0 ? (audience?.articleIds ?? []) : planned;
  const articles = await findArticles(db, ids.slice(0, MAX_ARTICLES));
  return articles.map(({ title, url }) => ({ title, url }));
}
