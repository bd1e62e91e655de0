import { listHolds } from '../articles/release/reads.js';
import type { ArticleHold } from '../articles/release/hold.js';
import { findArticles } from '../articles/reads.js';
import { listFeeds } from '../articles/feeds/reads.js';
import type { Feed } from '../articles/feeds/feed.js';
import type { AlertCause } from '../deliveries/alerts/alert.js';
import { listSystemCauses } from '../deliveries/alerts/system-causes.js';
import { NO_DELIVERIES, type DeliveryCounts } from '../deliveries/delivery.js';
import { estimateDigest } from '../deliveries/plan/estimate-digest.js';
import { countDeliveriesOfEach } from '../deliveries/reads.js';
import { listFailedRows } from '../deliveries/alerts/reads.js';
import { listCircuitsWithMail } from '../deliveries/waiting-mail.js';
import type { Digest } from '../digests/digest.js';
import { describeStateReason } from '../digests/state-reason.js';
import { listDigests, listStoppedDigests, listSubjects } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { findJobOutage, type JobOutage } from '../platform/jobs/job-outage.js';
import { DAY_MS } from '../platform/durations.js';
import { truncatedTags } from '../platform/text/language-tag.js';
import type { FailedRow } from '../platform/jobs/failed-rows.js';
import type { Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import { findRunningAttack } from '../subscribers/attack/reads.js';
import type { CircuitWithTransport } from '../transports/circuits/circuit.js';
import { listHeldArticles, listWaitingArticles, type HeldArticle } from './reads.js';
import { readReaderCounts, type ReaderCounts } from '../subscribers/counts/reads.js';
import type { LeaveReason } from '../subscribers/leave/leave-reason.js';
import { countLeaveReasons } from '../subscribers/leave/reads.js';
import { countHeldSignUps } from '../subscribers/sign-up/reads.js';

export type DigestSummary = Pick<
  Digest,
  'id' | 'cadence' | 'period' | 'state' | 'sendAt' | 'sentAt' | 'createdAt'
> & {
  /** Why it is held or paused, in sentences. */
  reason: string | null;
  /** Undefined until the first mail of it was rendered. */
  subject: string | undefined;
  counts: DeliveryCounts;
};

/** An operator's first page: what comes next, what was sent last, and what waits for a decision. */
export type Overview = {
  /** What stops the mail of all newsletters. */
  standstill: AlertCause[];
  counts: ReaderCounts;
  /** Why readers left in the last 90 days, of those who said so. */
  reasons: Record<LeaveReason, number>;
  next: { articles: { title: string; url: string | null }[]; readers: number; isAbout: boolean } | undefined;
  last: DigestSummary | undefined;
  /** Digests that go nowhere until an operator decides. */
  attention: Digest[];
  /** Why no job runs; null while they do. */
  jobOutage: JobOutage | null;
  /** Open circuits: mail servers, and domains behind them, that get no mail for now; of all publications. */
  circuits: CircuitWithTransport[];
  /** Articles that were held together, to be decided together. */
  holds: ArticleHold[];
  held: HeldArticle[];
  waiting: { id: string; title: string; releaseAt: Date }[];
  feeds: Feed[];
  /** What could not be processed and is left out, the longest first. */
  failedRows: FailedRow[];
  /** Its sign-up forms ask for a proof of work first. */
  underAttack: boolean;
  /** Sign-ups that wait for an operator's decision. */
  heldSignUps: number;
};

const MAX_ROWS = 50;
const LEAVE_REASON_WINDOW_MS = 90 * DAY_MS;

export async function readOverview(
  { db, now, templates }: Pick<Context, 'db' | 'now' | 'templates'>,
  publication: Publication,
): Promise<Overview> {
  const expected = await estimateDigest({ db }, publication);
  const [last] = await summariseDigests({ db, templates }, publication.id, 1);
  return {
    standstill: await listSystemCauses(db, [publication]),
    counts: await readReaderCounts(db, publication.id),
    reasons: await countLeaveReasons(db, publication.id, new Date(now().getTime() - LEAVE_REASON_WINDOW_MS)),
    next:
      expected.readers === 0
        ? undefined
        : {
            articles: await listArticleTitles(db, expected.articleIds),
            readers: expected.readers,
            isAbout: expected.isAbout,
          },
    last,
    attention: await listStoppedDigests(db, publication.id, MAX_ROWS),
    jobOutage: (await findJobOutage(db, now())) ?? null,
    circuits: await listCircuitsWithMail(db),
    holds: (
      await listHolds(db, { publicationId: publication.id, before: undefined, limit: MAX_ROWS })
    ).filter(hasSeveralArticles),
    held: await listHeldArticles(db, publication.id, MAX_ROWS),
    waiting: await listWaitingArticles(db, publication.id, MAX_ROWS),
    feeds: await listFeeds(db, publication.id),
    failedRows: await listFailedRows(db, { publicationId: publication.id, limit: MAX_ROWS }),
    underAttack: (await findRunningAttack(db, publication.id)) !== undefined,
    heldSignUps: await countHeldSignUps(db, publication.id),
  };
}

function hasSeveralArticles({ count }: ArticleHold): boolean {
  return count > 1;
}

async function listArticleTitles(
  db: Context['db'],
  ids: string[],
): Promise<{ title: string; url: string | null }[]> {
  const articles = new Map((await findArticles(db, ids)).map((article) => [article.id, article]));
  return ids.flatMap((id) => articles.get(id) ?? []).map(({ title, url }) => ({ title, url }));
}

/** The newest digests with their delivery counts, newest first. */
export async function summariseDigests(
  context: Pick<Context, 'db' | 'templates'>,
  publicationId: string,
  limit: number,
): Promise<DigestSummary[]> {
  return summariseAll(context, await listDigests(context.db, publicationId, limit));
}

/** Digests of one publication with their delivery counts, in their order. */
export async function summariseAll(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  digests: readonly Digest[],
): Promise<DigestSummary[]> {
  const [first] = digests;
  if (first === undefined) return [];
  const ids = digests.map(({ id }) => id);
  const publication = await findPublication(db, first.publicationId);
  const subjects = await listSubjects(db, ids, truncatedTags(publication?.locale ?? ''));
  const counts = await countDeliveriesOfEach(db, ids);
  return digests.map((digest) => {
    const { id, cadence, period, state, sendAt, sentAt, createdAt } = digest;
    const reason = describeStateReason(digest, templates.operatorWords);
    const known = { subject: subjects.get(id), counts: counts.get(id) ?? NO_DELIVERIES };
    return { id, cadence, period, state, reason, sendAt, sentAt, createdAt, ...known };
  });
}

export async function summariseDigest(
  context: Pick<Context, 'db' | 'templates'>,
  digest: Digest,
): Promise<DigestSummary> {
  const [summary] = await summariseAll(context, [digest]);
  if (summary === undefined) throw new Error('A digest was not summarised');
  return summary;
}
