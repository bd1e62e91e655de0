import { listHolds } from '../articles/release/reads.js';
import type { ArticleHold } from '../articles/release/hold.js';
import { findArticles } from '../articles/reads.js';
import { listFeeds } from '../articles/feeds/reads.js';
import type { Feed } from '../articles/feeds/feed.js';
import type { AlertCause } from '../deliveries/alerts/alert.js';
import { listSystemCauses } from '../deliveries/alerts/system-causes.js';
import type { DeliveryCounts } from '../deliveries/delivery.js';
import { forecastDigest } from '../deliveries/plan/forecast.js';
import { countDeliveries } from '../deliveries/reads.js';
import { listFailedRows } from '../deliveries/alerts/reads.js';
import { listCircuitsWithMail } from '../deliveries/waiting-mail.js';
import type { Digest } from '../digests/digest.js';
import { describeStateReason } from '../digests/state-reason.js';
import { listDigests, listStoppedDigests, listVariants } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { findJobOutage, type JobOutage } from '../platform/jobs/job-outage.js';
import { DAY_MS } from '../platform/durations.js';
import { truncatedTags } from '../platform/text/language-tag.js';
import type { FailedRow } from '../platform/jobs/failed-rows.js';
import type { Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import { findRunningAttack } from '../subscribers/attack/reads.js';
import type { CircuitWithTransport } from '../transports/circuits/circuit.js';
import {
  countReaders,
  countLeaveReasons,
  listHeldArticles,
  listWaitingArticles,
  type HeldArticle,
  type LeaveReasonCounts,
  type ReaderCounts,
} from './reads.js';
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
  reasons: LeaveReasonCounts;
  next: { articles: { title: string; url: string | null }[]; readers: number; more: boolean } | undefined;
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
  const expected = await forecastDigest({ db }, publication.id);
  const [last] = await summariseDigests({ db, templates }, publication.id, 1);
  return {
    standstill: await listSystemCauses(db, [publication]),
    counts: await countReaders(db, publication.id),
    reasons: await countLeaveReasons(db, publication.id, new Date(now().getTime() - LEAVE_REASON_WINDOW_MS)),
    next:
      expected.readers === 0
        ? undefined
        : {
            articles: await listArticleTitles(db, expected.articleIds),
            readers: expected.readers,
            more: expected.more,
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
  const digests = await listDigests(context.db, publicationId, limit);
  return Promise.all(digests.map((digest) => summariseDigest(context, digest)));
}

export async function summariseDigest(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  digest: Digest,
): Promise<DigestSummary> {
  const { id, cadence, period, state, sendAt, sentAt, createdAt } = digest;
  const reason = describeStateReason(digest, templates.operatorWords);
  const subject = await findSubject(db, digest);
  const counts = await countDeliveries(db, id);
  return { id, cadence, period, state, reason, sendAt, sentAt, createdAt, subject, counts };
}

/** Of the variant in the publication's language where there is one, else of the longest. */
async function findSubject(db: Context['db'], { id, publicationId }: Digest): Promise<string | undefined> {
  const rendered = (await listVariants(db, id)).filter(({ subject }) => subject !== null);
  const publication = await findPublication(db, publicationId);
  const languages = truncatedTags(publication?.locale ?? '');
  const inOwnLanguage = rendered.find(({ locale }) => languages.includes(locale));
  return (inOwnLanguage ?? rendered[0])?.subject ?? undefined;
}
