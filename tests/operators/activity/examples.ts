import { credentialChangeKinds } from '../../../src/operators/credentials/credential-change.js';
import type { Activity, RecordedActor } from '../../../src/operators/activity/activity.js';
import {
  activityKinds,
  kindOf,
  type ActivityKind,
  type After,
  type Before,
} from '../../../src/operators/activity/kinds.js';

type Payload<Name extends ActivityKind> = ([Before<Name>] extends [null]
  ? { before?: null }
  : { before: Before<Name> }) &
  ([After<Name>] extends [null] ? { after?: null } : { after: After<Name> });

const id = '019b2f6e-5c1a-7d40-9e5a-3f1c8a4b7d20';
const time = '2026-12-24T07:00:00.000Z';
const key = { domain: 'tide.example', selector: 'pr-2026-11-rsa' };
const choices = { cadence: 'weekly', hour: 7 };
const confirmed = { status: 'confirmed' };

/** What each kind may have of its subject, with every sentence that follows from it. */
const payloads: { [Name in ActivityKind]: Payload<Name>[] } = {
  'publication.created': [{ after: { slug: 'tide', name: 'The Tide' } }],
  'publication.changed': [{ before: { hour: 7, topics: [] }, after: { hour: 8, topics: ['Harbour'] } }],
  'publication.live': [{ after: { sendsReleased: true } }, { after: { sendsReleased: false } }],
  'publication.archived': [{}],
  'feed.added': [{ after: { url: 'https://tide.example/feed', includeNewest: 0 } }],
  'feed.moved': [
    { before: { url: 'https://tide.example/feed' }, after: { url: 'https://tide.example/rss' } },
  ],
  'feed.removed': [{ before: { url: 'https://tide.example/feed' } }],
  'feed.backlog-skipped': [{ after: { count: 1 } }, { after: { count: 2 } }],
  'article.added': [
    { after: { state: 'waiting' } },
    { after: { state: 'held', reason: 'empty', holdId: id } },
    { after: { state: 'skipped' } },
  ],
  'article.approved': [{}],
  'article.released': [{ after: { number: 7 } }],
  'article.held': [{ after: { reason: 'by-hand', holdId: id } }],
  'article.freed': [{ before: { reason: 'empty' } }],
  'article.skipped': [{}],
  'article.corrected': [{ before: { title: 'Ebb', content: 12 }, after: { title: 'Low tide', content: 30 } }],
  'article.retracted': [{ before: { state: 'waiting' } }],
  'article.restored': [{ after: { state: 'released' } }],
  'article.vanished': [{}],
  'article.reappeared': [{ after: { state: 'waiting' } }],
  'article-hold.decided': [{ after: { released: 3, skipped: 12 } }],
  'digest.ordered': [
    { after: { sendAt: time, articles: null, audience: { cadence: 'weekly' }, again: false } },
  ],
  'digest.opened': [{ after: { cadence: 'daily', period: '2026-11-22', readers: 12 } }],
  'digest.held': [{ after: { reasons: ['approval'], readers: 12 } }],
  'digest.rescheduled': [{ after: { sendAt: time } }],
  'digest.approved': [{}],
  'digest.started': [{}],
  'digest.paused': [{ after: { by: 'operator' } }, { after: { by: 'mail-server' } }],
  'digest.resumed': [{}],
  'digest.cancelled': [{ before: { state: 'held' } }],
  'digest.closed': [{}],
  'digest.reopened': [{}],
  'digest.superseded': [{ after: { by: '2026-11-22' } }],
  'digest.retried': [
    { after: { deferred: 0, rejected: 1, skipped: 0 } },
    { after: { deferred: 2, rejected: 1, skipped: 0 } },
  ],
  'digest.resolved': [
    { after: { as: 'accepted', subscriptionId: id } },
    { after: { as: 'resend' } },
    { after: { as: 'mail-log' } },
  ],
  'draft.written': [
    { after: { cadence: 'daily', period: null } },
    { after: { cadence: 'daily', period: '2026-11-22' } },
    { after: { cadence: null, period: null } },
  ],
  'draft.changed': [{ after: { version: 2, fields: ['note'] } }],
  'draft.moved': [
    { before: { cadence: null, period: null }, after: { cadence: 'daily', period: null } },
    { before: { cadence: null, period: null }, after: { cadence: 'daily', period: '2026-11-22' } },
    { before: { cadence: 'daily', period: null }, after: { cadence: null, period: null } },
  ],
  'draft.approved': [{ after: { version: 2 } }],
  'draft.used': [{ after: { digestId: id } }],
  'draft.missed': [{ after: { digestId: id } }],
  'draft.taken-back': [{ before: { digestId: id } }, { before: { digestId: null } }],
  'draft.discarded': [{}],
  'subscription.confirmed': [{ before: { status: 'pending' }, after: choices }],
  'subscription.confirmation-taken-back': [{ before: confirmed, after: { status: 'pending' } }],
  'subscription.changed': [{ before: choices, after: { cadence: 'daily', hour: 6 } }],
  'subscription.paused': [
    { after: { until: time, catchUp: true } },
    { after: { until: null, catchUp: false } },
  ],
  'subscription.resumed': [{}],
  'subscription.unsubscribed': [{ before: confirmed }],
  'subscription.restored': [{ after: confirmed }],
  'subscription.blocked': [{ before: confirmed }],
  'subscription.unblocked': [{}],
  'subscription.address-changed': [{ after: {} }, { after: { mergedInto: id } }],
  'subscription.address-returned': [{}],
  'subscription.replaced': [{ after: { by: id } }],
  'subscription.erased': [{ before: confirmed }],
  'suppression.added': [
    { after: { reason: 'bounced', everywhere: true } },
    { after: { reason: 'operator', everywhere: true, note: 'asked by telephone' } },
    { after: { reason: 'operator', everywhere: true, domain: 'trap.example', note: 'spam traps' } },
    { after: { reason: 'operator', everywhere: true, domain: 'trap.example' } },
  ],
  'suppression.exported': [{}],
  'suppression.file-added': [
    { after: { added: 3120, present: 210, unreadable: 38, everywhere: false, note: 'old list' } },
    { after: { added: 1, present: 0, unreadable: 0, everywhere: true, note: 'old list' } },
  ],
  'import.added': [
    { after: { product: 'Mailchimp', added: 11640, asked: 0, optedOut: 3402, left: 2, doNotMail: 38 } },
    { after: { product: 'Ghost', added: 1, asked: 0, optedOut: 0, left: 0, doNotMail: 0 } },
  ],
  'import.started': [
    { after: { product: 'Mailchimp', at: '2026-12-07T05:00:00.000Z', perDay: 500 } },
    { after: { product: 'Mailchimp', at: '2026-12-07T05:00:00.000Z', perDay: null } },
  ],
  'import.stopped': [
    { after: { product: 'Mailchimp', reason: 'operator' } },
    { after: { product: 'Mailchimp', reason: 'bounces' } },
  ],
  'import.undone': [
    { after: { product: 'Mailchimp', takenBack: 11600, tombstones: 40, kept: 0 } },
    { after: { product: 'Ghost', takenBack: 1, tombstones: 0, kept: 0 } },
  ],
  'suppression.lifted': [
    { before: { reason: 'operator', everywhere: false } },
    { before: { reason: 'operator', everywhere: false, note: 'asked by telephone' } },
    { before: { reason: 'operator', everywhere: true, domain: 'trap.example', note: 'a mistake' } },
    { before: { reason: 'operator', everywhere: true, domain: 'trap.example' } },
  ],
  'subscription.exported': [{ after: { isFiltered: true } }, { after: { isFiltered: false } }],
  'sign-up-hold.released': [{ after: { count: 1 } }, { after: { count: 2, reason: 'disposable' } }],
  'sign-up-hold.deleted': [{ after: { count: 1 } }, { after: { count: 2 } }],
  'attack.started': [{ after: { cause: 'flood' } }],
  'attack.changed': [{ before: { cause: 'flood' }, after: { cause: 'by-hand' } }],
  'attack.ended': [{ before: { cause: 'flood' } }],
  'operator.created': [{ after: { role: 'editor' } }],
  'operator.renamed': [{}],
  'operator.role-changed': [
    { before: { role: null }, after: { role: 'editor' } },
    { before: { role: 'editor' }, after: { role: 'owner' } },
    { before: { role: 'owner' }, after: { role: null } },
  ],
  'operator.administrator-changed': [
    { before: { administrator: false }, after: { administrator: true } },
    { before: { administrator: true }, after: { administrator: false } },
  ],
  'operator.credentials-changed': credentialChangeKinds.map((change) => ({ after: { change } })),
  'operator.sessions-ended': [{ after: { count: 1 } }, { after: { count: 2 } }],
  'invitation.created': [{ after: { role: 'editor' } }, { after: { role: 'none' } }],
  'invitation.withdrawn': [{}],
  'invitation.accepted': [{ after: { role: 'editor' } }, { after: { role: 'none' } }],
  'operator.removed': [{}],
  'token.created': [{ after: { scopes: ['read', 'send'] } }],
  'token.revoked': [{}],
  'circuit.resumed': [
    { before: { transport: 'mx.example:25', domain: '', kind: 'refused' } },
    { before: { transport: 'mx.example:25', domain: 'tide.example', kind: 'throttled' } },
  ],
  'failed-rows.retried': [{ after: { count: 1 } }, { after: { count: 2 } }],
  'restore.decided': [{ after: { decision: 'send' } }, { after: { decision: 'skip' } }],
  'hook.added': [{ after: { provider: 'postmark' } }],
  'hook.secret-renewed': [{ after: { provider: 'postmark' } }],
  'hook.removed': [{ before: { provider: 'postmark' } }],
  'dkim-key.created': [{ after: key }],
  'dkim-key.activated': [{ after: key }],
  'dkim-key.retired': [{ before: key }],
};

const actors: RecordedActor[] = [
  { kind: 'operator', id, name: 'Bo' },
  { kind: 'operator', id, name: null },
  { kind: 'token', id, name: 'Sync' },
  { kind: 'token', id, name: null },
  { kind: 'command-line', id: null, name: null },
  { kind: 'reader', id: null, name: null },
  { kind: 'system', id: null, name: null },
];

/** Every kind with all that it may have of its subject, by everybody. */
export const exampleActivities: Activity[] = activityKinds.flatMap((kind) =>
  payloads[kind].flatMap(({ before = null, after = null }) =>
    actors.map(
      (actor) =>
        ({
          id,
          createdAt: new Date(time),
          kind,
          actor,
          subjectType: kindOf(kind).subject,
          subjectId: id,
          publicationId: id,
          before,
          after,
        }) as Activity,
    ),
  ),
);
