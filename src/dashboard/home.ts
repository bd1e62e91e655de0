import type { Feed } from '../articles/feeds/feed.js';
import { listFeeds } from '../articles/feeds/reads.js';
import { listArticlesPage } from '../articles/reads.js';
import type { Article } from '../articles/article.js';
import type { ArticleHold } from '../articles/release/hold.js';
import { listHolds } from '../articles/release/reads.js';
import type { Digest } from '../digests/digest.js';
import type { Draft } from '../digests/drafts/draft.js';
import { listOpenDrafts } from '../digests/drafts/reads.js';
import { listStoppedDigests } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import type { Publication } from '../publications/publication.js';
import { findRunningAttack } from '../subscribers/attack/reads.js';
import type { Import } from '../subscribers/import/import.js';
import { listImports } from '../subscribers/import/reads.js';
import type { LeaveReason } from '../subscribers/leave/leave-reason.js';
import { countLeaveReasons } from '../subscribers/leave/reads.js';
import { countHeldSignUps } from '../subscribers/sign-up/reads.js';
import { readGoingOut, type GoingOut } from './going-out.js';
import { readHealth, type Health } from './health.js';
import { summariseDigests, type DigestSummary } from './overview.js';
import { readReadersOverTime, type ReadersOverTime } from './readers-over-time.js';

/** A publication's first page: what waits for a decision, what goes next, what was sent last, who reads it. */
export type Home = {
  /** Of the server and of this publication. */
  health: Health;
  /** Digests that go nowhere until an operator decides, the newest first. */
  stopped: Digest[];
  /** Articles that wait for an operator, by why. */
  holds: ArticleHold[];
  /** Its sign-up forms ask for a proof of work first. */
  underAttack: boolean;
  /** Sign-ups that wait for an operator's decision. */
  heldSignUps: number;
  /** Readers who were brought from other products, the newest import first. */
  imports: Import[];
  goingOut: GoingOut[];
  /** What is written for digests that are to come. */
  drafts: Draft[];
  last: DigestSummary | undefined;
  readers: ReadersOverTime;
  /** Why readers left in the last 90 days, of those who said so. */
  leaveReasons: Record<LeaveReason, number>;
  newest: Article[];
  feeds: Feed[];
};

const MAX_STOPPED = 20;
const MAX_NEWEST = 5;
const MAX_IMPORTS = 100;
const LEAVE_REASON_WINDOW_MS = 90 * DAY_MS;

export async function readHome(
  context: Pick<Context, 'config' | 'db' | 'mailer' | 'now' | 'templates'>,
  publication: Publication,
): Promise<Home> {
  const { db, now } = context;
  const { id } = publication;
  // What asks many questions of Postgres, side by side.
  const [health, goingOut, readers] = await Promise.all([
    readHealth(context, [publication]),
    readGoingOut(context, publication),
    readReadersOverTime(context, publication),
  ]);
  const [last] = await summariseDigests(context, id, 1);
  return {
    health,
    stopped: await listStoppedDigests(db, id, MAX_STOPPED),
    holds: await listHolds(db, { publicationId: id, before: undefined, limit: MAX_STOPPED }),
    underAttack: (await findRunningAttack(db, id)) !== undefined,
    heldSignUps: await countHeldSignUps(db, id),
    imports: await listImports(db, [id], { before: undefined, limit: MAX_IMPORTS }),
    goingOut,
    drafts: await listOpenDrafts(db, id),
    last,
    readers,
    leaveReasons: await countLeaveReasons(db, id, new Date(now().getTime() - LEAVE_REASON_WINDOW_MS)),
    newest: await listArticlesPage(db, {
      publicationId: id,
      state: undefined,
      before: undefined,
      limit: MAX_NEWEST,
    }),
    feeds: await listFeeds(db, id),
  };
}
