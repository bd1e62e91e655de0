import { describeHold, describeHoldReason } from '../../../articles/release/describe-hold.js';
import { describeFeedHealth } from '../../../articles/feeds/health.js';
import type { Feed } from '../../../articles/feeds/feed.js';
import { describeCause } from '../../../deliveries/alerts/describe-cause.js';
import { jobOutageSentence } from '../../../dashboard/job-outage.js';
import type { Overview } from '../../../dashboard/overview.js';
import { describeFailedRow } from '../../../deliveries/alerts/describe-failed-row.js';
import { digestName } from '../../../digests/display-name.js';
import { describeSendTime } from '../../../digests/send-time.js';
import { describeStateReason } from '../../../digests/state-reason.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { describeFigures } from '../digests/ledger-words.js';
import { circuitRows } from '../health/circuit-rows.js';

/** What the first page shows, from its figures. */
export function describeOverview(
  context: Pick<Context, 'templates' | 'now'>,
  publication: Publication,
  overview: Overview,
): TemplateData {
  const { templates, now } = context;
  const words = templates.operatorWords;
  const { timezone } = publication;
  const formatTime = (moment: Date) => formatDateTime(moment, timezone, 'en');
  const last = overview.last && {
    ...overview.last,
    subject: overview.last.subject ?? 'Being prepared',
    figures: describeFigures(overview.last),
    sent: describeSendTime(overview.last, { now: now(), formatTime, words }),
  };
  return {
    standstill: overview.standstill.map((cause) =>
      describeCause(cause, {
        publication,
        now: now(),
        t: (key, values) => templates.t('en', `alertMail.${key}`, values),
        words,
      }),
    ),
    counts: overview.counts,
    reasons: overview.reasons,
    next: overview.next ?? null,
    last: last ?? null,
    attention: overview.attention.map((digest) => ({
      ...digest,
      name: digestName(digest, digest.subject, words),
      reason: describeStateReason(digest, words),
    })),
    jobOutage:
      overview.jobOutage &&
      jobOutageSentence(overview.jobOutage, words, (moment) => formatWeekdayTime(moment, timezone, 'en')),
    circuits: circuitRows(context, overview.circuits, publication),
    holds: overview.holds.map((hold) => ({ ...hold, reason: describeHold(hold, words) })),
    held: overview.held.map((article) => ({ ...article, reason: describeHoldReason(article.reason, words) })),
    waiting: overview.waiting,
    underAttack: overview.underAttack,
    heldSignUps: overview.heldSignUps,
    feeds: overview.feeds.map((feed) => feedRow(feed, now())),
    failedRows: overview.failedRows.map((row) => ({ ...row, what: describeFailedRow(row) })),
  };
}

function feedRow(feed: Feed, now: Date) {
  const { state, sentence } = describeFeedHealth(feed, now);
  return { url: feed.url, title: feed.title, ok: state !== 'failing' && state !== 'gone', health: sentence };
}
