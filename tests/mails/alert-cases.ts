import type { FailingFeed } from '../../src/articles/feeds/feed.js';
import type { ArticleHold } from '../../src/articles/release/hold.js';
import type { AlertCause } from '../../src/deliveries/alerts/alert.js';
import { describeCause } from '../../src/deliveries/alerts/describe-cause.js';
import { findHoldReasons } from '../../src/digests/open/hold-rules.js';
import { DEFAULT_ORDER, type Digest } from '../../src/digests/digest.js';
import type { FailedRow } from '../../src/platform/jobs/failed-rows.js';
import type { RenderedEmail } from '../../src/platform/templates/templates.js';
import type { CircuitWithTransport } from '../../src/transports/circuits/circuit.js';
import { date, findCase, lantern, templates } from './digest-cases.js';
import { HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';

const id = '01999999-0000-7000-8000-000000000301';
const publicationId = lantern.id;
const ids = { id, publicationId };

const refusal = '550 5.7.1 Message from <news@lantern.example> to <ada@mail.example> refused by policy';

const digest: Digest = {
  ...DEFAULT_ORDER,
  ...ids,
  cadence: 'weekly',
  period: '2026-W39',
  state: 'held',
  holdReasons: findHoldReasons({ approval: true, postalAddress: lantern.postalAddress }, 1200, 700),
  ...{ readers: 1200, readersBefore: 700, pausedBy: null, supersededBy: null, reason: null },
  closesAt: null,
  expiresAt: date,
  sendAt: null,
  sentAt: null,
  detailsDeletedAt: null,
  keyId: '1',
  createdAt: date,
};

const pausedDigest: Digest = {
  ...digest,
  ...{ state: 'paused', holdReasons: [], pausedBy: 'mail-server', reason: refusal },
};
const pausedDailyDigest: Digest = {
  ...pausedDigest,
  id: `${id.slice(0, -1)}2`,
  cadence: 'daily',
  period: '2026-09-22',
};

const circuit: CircuitWithTransport = {
  id,
  transportId: 1,
  transport: 'primary',
  domain: '',
  kind: 'refused',
  reason: refusal,
  replyCount: 24,
  failureCount: 20,
  openedAt: date,
  openCount: 1,
  closesAt: null,
  closedAt: null,
};

const unreachable: CircuitWithTransport = {
  ...circuit,
  transport: 'mail.lantern.example:587',
  kind: 'unreachable',
  reason: 'connect ECONNREFUSED 192.0.2.25:587',
  openCount: 3,
  closesAt: date,
  waiting: 1204,
};

const hold: Omit<ArticleHold, 'count'> = {
  ...ids,
  feedId: null,
  code: 'flood',
  ...{ newItems: 12, totalItems: 30, heldItems: 12 },
  heldAt: date,
  titles: ['The regatta of last summer, in pictures', 'A map of the moorings', 'Forty recipes with mussels'],
  feedTitle: 'Marrowby Harbour Museum',
  feedUrl: 'https://museum.lantern.example/feed.xml',
};

const feed: FailingFeed = {
  ...ids,
  url: 'https://lantern.example/feed.xml?kind=all&page=1',
  failingSince: new Date(date.getTime() - 30 * HOUR_MS),
  failure: { code: 'other', words: 'The site answers 404 Not Found.' },
  firstPollDone: true,
  includeNewest: 0,
  goneAt: null,
};

const failures: FailingFeed['failure'][] = [
  { code: 'other', words: 'There is no such name: lantern.example.' },
  null,
  { code: 'bot-check', host: 'lantern.example', status: 403, service: 'Cloudflare' },
  { code: 'gone' },
];

const createFailingFeed = (_: unknown, at: number): FailingFeed => ({
  ...feed,
  url: `https://lantern.example/topics/${at + 1}/feed.xml`,
  failure: at < failures.length ? (failures[at] ?? null) : (failures[0] ?? null),
  firstPollDone: at !== 2,
  includeNewest: 3,
  goneAt: at === 3 ? feed.failingSince : null,
});

const failedRow: FailedRow = {
  operation: 'plan-due',
  kind: 'subscription',
  rowId: '01999999-0000-7000-8000-000000000401',
  publicationId,
  code: 'RangeError',
  failures: 3,
  failingSince: new Date(date.getTime() - HOUR_MS),
  failedAt: date,
  retryAt: date,
};

const attack = { ...ids, beganAt: date, seenAt: date, forms: 640, refused: 512, usual: 2.4 };

const mailbox = {
  name: 'INBOX at imap.lantern.example',
  ...{ uidValidity: 1, lastUid: 4711, readAt: date, failingSince: date },
};

/** Every alert, by the name of its golden file. */
export const alerts: Record<string, AlertCause> = {
  'alert-held-digest-en': { ...ids, kind: 'held-digest', digest },
  'alert-paused-digest-en': { ...ids, kind: 'paused-digest', digest: pausedDigest },
  'alert-server-en': { ...ids, kind: 'open-circuit', circuit, paused: [pausedDigest, pausedDailyDigest] },
  'alert-unreachable-en': { ...ids, kind: 'open-circuit', circuit: unreachable, paused: [] },
  'alert-was-unreachable-en': {
    ...ids,
    kind: 'open-circuit',
    circuit: { ...unreachable, waiting: 0, closedAt: new Date(date.getTime() + 90 * MINUTE_MS) },
    paused: [],
  },
  'alert-domain-en': {
    ...ids,
    kind: 'open-circuit',
    circuit: {
      ...circuit,
      domain: 'mail.example',
      kind: 'bounces',
      replyCount: 200,
      failureCount: 24,
    },
    paused: [],
  },
  'alert-held-articles-en': { ...ids, kind: 'held-articles', hold: { ...hold, count: 12 } },
  'alert-held-article-en': {
    ...ids,
    kind: 'held-articles',
    hold: {
      ...hold,
      code: 'old',
      ...{ newItems: 1, totalItems: 30, heldItems: 1 },
      count: 1,
      titles: ['A map of the moorings'],
      feedTitle: null,
    },
  },
  'alert-failing-feed-en': { ...ids, kind: 'failing-feeds', feeds: [feed] },
  'alert-failing-feeds-en': {
    ...ids,
    kind: 'failing-feeds',
    feeds: Array.from({ length: 12 }, createFailingFeed),
  },
  'alert-failed-row-en': { ...ids, kind: 'failed-rows', rows: [failedRow] },
  'alert-failed-rows-en': {
    ...ids,
    kind: 'failed-rows',
    rows: [
      failedRow,
      { ...failedRow, operation: 'compose', kind: 'article', code: 'TypeError', retryAt: null },
      { ...failedRow, operation: 'answer-sign-ups', kind: 'sign-up', code: '23514' },
      ...Array.from({ length: 9 }, () => failedRow),
    ],
  },
  'alert-flood-en': { ...ids, kind: 'attack', attack: { ...attack, cause: 'flood' }, held: 0 },
  'alert-wrong-clock-en': {
    ...ids,
    kind: 'wrong-clock',
    differences: [
      { owner: 'mail-2 4711', aheadMs: 525_600 * MINUTE_MS, foundAt: date },
      { owner: 'mail-3 815', aheadMs: -MINUTE_MS, foundAt: date },
    ],
  },
  'alert-mailbox-login-en': {
    ...ids,
    kind: 'unread-mailbox',
    mailbox: { ...mailbox, failure: 'login', failureReason: 'Authentication failed.' },
  },
  'alert-mailbox-gone-en': {
    ...ids,
    kind: 'unread-mailbox',
    mailbox: { ...mailbox, failure: 'connection', failureReason: 'connect ETIMEDOUT 192.0.2.7:993' },
  },
  'alert-failed-mail-en': { ...ids, kind: 'failed-mails', count: 1 },
  'alert-failed-mails-en': { ...ids, kind: 'failed-mails', count: 1200 },
  'alert-returned-en': {
    ...ids,
    kind: 'much-returned',
    digest: { ...digest, state: 'sending' },
    shares: { handedOver: 1840, bounced: 121, complained: 6 },
  },
  'alert-returned-complaints-en': {
    ...ids,
    kind: 'much-returned',
    digest: { ...digest, state: 'closed' },
    shares: { handedOver: 1840, bounced: 0, complained: 6 },
  },
  'alert-restored-en': { ...ids, kind: 'restored', hold: { heldSince: date, heldReason: 'older' } },
  'alert-provider-en': {
    ...ids,
    kind: 'provider-limits',
    limits: [
      {
        provider: 'Gmail',
        state: 'paused',
        accepted: 12_000,
        bounced: 30,
        complained: 41,
        since: date,
        liftedUntil: null,
      },
      {
        provider: 'Yahoo',
        state: 'slow',
        accepted: 1500,
        bounced: 33,
        complained: 0,
        since: date,
        liftedUntil: null,
      },
    ],
  },
  'alert-dns-en': {
    ...ids,
    kind: 'worse-dns',
    worse: [
      {
        key: 'lantern.example spf lantern.example',
        title: 'lantern.example',
        record: 'spf',
        name: 'lantern.example',
        sentence: 'There is no SPF record.',
        expected: 'v=spf1 a:mail.lantern.example ~all',
        since: date.toISOString(),
      },
    ],
  },
  'alert-refusals-en': { ...ids, kind: 'attack', attack: { ...attack, cause: 'refusals' }, held: 37 },
};

/** The mail of an alert. */
export function writeAlert(name: string): RenderedEmail {
  const { path: _, ...told } = describeCause(findCase(alerts, name), {
    publication: lantern,
    now: date,
    t: (key, values) => templates.t('en', `alertMail.${key}`, values),
    words: templates.operatorWords,
  });
  const email = 'an.operator.with.quite.a.long.name@lantern.example';
  return templates.email('alert', 'en', {
    ...told,
    publication: lantern,
    email,
    role: 'editor',
    url: `https://mail.lantern.example/operator/alerts/${'a'.repeat(22)}`,
    enter: `npx paperround operator link ${email}`,
  });
}
