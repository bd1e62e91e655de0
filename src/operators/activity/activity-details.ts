import type { Activity, NamedActivity } from './activity.js';
import type { ActivityKind } from './kinds.js';

/** Which of the sentences of a kind it is, where there are several; `count` chooses the plural. */
type Details = { variant?: string; count?: number } & Record<string, unknown>;

type Describe<Name extends ActivityKind> = (
  activity: NamedActivity<Name>,
  formatTime: (at: Date) => string,
) => Details;

/** What a sentence has besides who and the name of the subject. */
export function activityDetails(activity: NamedActivity, formatTime: (at: Date) => string): Details {
  const describe = DETAILS[activity.kind] as Describe<ActivityKind> | undefined;
  return describe?.(activity, formatTime) ?? {};
}

const byReader = ({ actor }: Pick<Activity, 'actor'>): Details => ({
  variant: actor.kind === 'reader' ? 'reader' : 'other',
});
const bySystem = ({ actor }: Pick<Activity, 'actor'>): Details => ({
  variant: actor.kind === 'system' ? 'system' : 'other',
});
const byAnybody = ({ actor }: Pick<Activity, 'actor'>): Details => ({
  variant: actor.kind === 'system' || actor.kind === 'reader' ? actor.kind : 'other',
});
const fieldsOf = (payload: object | null) => Object.keys(payload ?? {}).join(', ');

const DETAILS: { [Name in ActivityKind]?: Describe<Name> } = {
  'publication.changed': ({ after }) => ({ fields: fieldsOf(after) }),
  'publication.live': ({ after }) => ({ variant: after.sendsReleased ? 'all' : 'new' }),
  'feed.moved': ({ after }) => ({ url: after.url }),
  'feed.backlog-skipped': ({ after }) => ({ count: after.count }),
  'article.added': ({ actor, after }) => {
    const place = actor.kind === 'system' ? 'from-feed' : 'pushed';
    return { variant: after.state === 'held' ? `${place}-held` : place };
  },
  'article.released': ({ after }) => ({ number: after.number }),
  'article.held': bySystem,
  'article.corrected': (activity) => ({ ...bySystem(activity), fields: fieldsOf(activity.after) }),
  'article-hold.decided': ({ after }) => after,
  'digest.ordered': ({ after }, formatTime) => ({ time: formatTime(new Date(after.sendAt)) }),
  'digest.held': bySystem,
  'digest.rescheduled': ({ after }, formatTime) => ({ time: formatTime(new Date(after.sendAt)) }),
  'digest.paused': ({ after }) => ({ variant: after.by }),
  'digest.superseded': ({ after }) => ({ period: after.by }),
  'digest.retried': ({ after }) => ({ count: after.deferred + after.rejected + after.skipped }),
  'digest.resolved': ({ after }) => ({ variant: after.as }),
  'subscription.confirmed': byReader,
  'subscription.changed': (activity) => ({ ...byReader(activity), fields: fieldsOf(activity.after) }),
  'subscription.paused': (activity, formatTime) => {
    const { variant } = byReader(activity);
    const { until } = activity.after;
    if (until === null) return { variant: `${variant}-open` };
    return { variant: `${variant}-until`, time: formatTime(new Date(until)) };
  },
  'subscription.resumed': byAnybody,
  'subscription.unsubscribed': byReader,
  'subscription.restored': byReader,
  'subscription.blocked': byReader,
  'subscription.unblocked': byReader,
  'subscription.erased': byReader,
  'subscription.address-changed': ({ after }) => ({
    variant: after.mergedInto === undefined ? 'moved' : 'merged',
  }),
  'subscription.exported': ({ after }) => ({ variant: after.isFiltered ? 'some' : 'all' }),
  'suppression.added': bySystem,
  'suppression.lifted': byAnybody,
  'sign-up-hold.released': ({ after }) => ({ count: after.count }),
  'sign-up-hold.deleted': ({ after }) => ({ count: after.count }),
  'attack.started': bySystem,
  'attack.ended': bySystem,
  'operator.created': ({ after }) => ({ role: after.role }),
  'operator.role-changed': ({ before: { role: was }, after: { role } }) => ({
    variant: role === null ? 'taken' : was === null ? 'given' : 'changed',
    role,
    was,
  }),
  'operator.administrator-changed': ({ after }) => ({ variant: after.administrator ? 'given' : 'taken' }),
  'operator.credentials-changed': ({ after }) => ({ variant: after.change }),
  'operator.sessions-ended': ({ after }) => ({ count: after.count }),
  'invitation.created': ({ after }) => ({ role: after.role }),
  'invitation.accepted': ({ after }) => ({ role: after.role }),
  'token.created': ({ after }) => ({ scopes: after.scopes.join(', ') }),
  'circuit.resumed': ({ before: { transport, domain } }) => ({
    variant: domain === '' ? 'server' : 'domain',
    transport,
    domain,
  }),
  'failed-rows.retried': ({ after }) => ({ count: after.count }),
  'restore.decided': ({ after }) => ({ variant: after.decision }),
  'dkim-key.created': ({ after }) => after,
  'dkim-key.activated': ({ after }) => after,
  'dkim-key.retired': ({ before }) => before,
};
