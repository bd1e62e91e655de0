import { providerIds, providerNames } from '../../platform/mail/smtp/providers.js';
import type { Activity, NamedActivity } from './activity.js';
import type { ActivityKind } from './kinds.js';

/** Which of the sentences of a kind it is, where there are several; `count` chooses the plural. */
type Details = { variant?: string; count?: number } & Record<string, unknown>;

/** How a sentence writes a moment, and what it calls a field. */
export type DetailWords = { formatTime(at: Date): string; nameField(name: string): string };

type Describe<Name extends ActivityKind> = (activity: NamedActivity<Name>, words: DetailWords) => Details;

/** What a sentence has besides who and the name of the subject. */
export function activityDetails(activity: NamedActivity, words: DetailWords): Details {
  const describe = DETAILS[activity.kind] as Describe<ActivityKind> | undefined;
  return describe?.(activity, words) ?? {};
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
/** `none`: to an account that has its roles already. */
const invited = ({ after: { role } }: { after: { role: string } }): Details =>
  role === 'none' ? { variant: 'account' } : { variant: 'role', role };
/** An operator's words are part of the sentence. */
const aboutDomain = ({
  domain,
  note,
}: {
  domain?: string | undefined;
  note?: string | undefined;
}): Details => {
  if (domain !== undefined) return { variant: note === undefined ? 'domain' : 'domain-noted', domain, note };
  return note === undefined ? {} : { variant: 'noted', note };
};
const fieldsOf = (payload: object | null, { nameField }: DetailWords) =>
  Object.keys(payload ?? {})
    .map(nameField)
    .join(', ');

const targetOf = ({ cadence, period }: { cadence: string | null; period: string | null }) => ({
  variant: cadence === null ? 'own' : period === null ? 'digest' : 'period',
  cadence,
  period,
});

const DETAILS: { [Name in ActivityKind]?: Describe<Name> } = {
  'publication.changed': ({ after }, words) => ({ fields: fieldsOf(after, words) }),
  'publication.live': ({ after }) => ({ variant: after.sendsReleased ? 'all' : 'new' }),
  'feed.moved': ({ after }) => ({ url: after.url }),
  'feed.backlog-skipped': ({ after }) => ({ count: after.count }),
  'article.added': ({ actor, after }) => {
    const place = actor.kind === 'system' ? 'from-feed' : 'pushed';
    const isPlain = after.state !== 'held' && after.state !== 'skipped';
    return { variant: isPlain ? place : `${place}-${after.state}` };
  },
  'article.released': ({ after }) => ({ number: after.number }),
  'article.held': bySystem,
  'article.corrected': (activity, words) => ({
    ...bySystem(activity),
    fields: fieldsOf(activity.after, words),
  }),
  'article-hold.decided': ({ after }) => after,
  'digest.ordered': ({ after }, { formatTime }) => ({ time: formatTime(new Date(after.sendAt)) }),
  'digest.held': bySystem,
  'digest.rescheduled': ({ after }, { formatTime }) => ({ time: formatTime(new Date(after.sendAt)) }),
  'digest.paused': ({ after }) => ({ variant: after.by }),
  'digest.superseded': ({ after }) => ({ period: after.by }),
  'digest.retried': ({ after }) => ({ count: after.deferred + after.rejected + after.skipped }),
  'digest.resolved': ({ after }) => ({ variant: after.as }),
  'draft.written': ({ after }) => targetOf(after),
  'draft.moved': ({ after }) => targetOf(after),
  'subscription.confirmed': byReader,
  'subscription.changed': (activity, words) => ({
    ...byReader(activity),
    fields: fieldsOf(activity.after, words),
  }),
  'subscription.paused': (activity, { formatTime }) => {
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
  'suppression.added': (activity) => ({ ...bySystem(activity), ...aboutDomain(activity.after) }),
  'suppression.lifted': (activity) => ({ ...byAnybody(activity), ...aboutDomain(activity.before) }),
  'suppression.file-added': ({ after: { added, note } }) => ({ count: added, note }),
  'import.added': ({ after }) => ({ count: after.added, product: after.product }),
  'import.started': ({ after: { product, at, perDay } }, { formatTime }) => ({
    variant: perDay === null ? 'all' : 'slowly',
    product,
    time: formatTime(new Date(at)),
  }),
  'import.stopped': ({ after: { product, reason } }) => ({ variant: reason, product }),
  'import.undone': ({ after }) => ({
    count: after.takenBack + after.tombstones,
    product: after.product,
  }),
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
  'invitation.created': invited,
  'invitation.accepted': invited,
  'token.created': ({ after }) => ({ scopes: after.scopes.join(', ') }),
  'circuit.resumed': ({ before: { transport, domain } }) => ({
    variant: domain === '' ? 'server' : 'domain',
    transport,
    domain,
  }),
  'failed-rows.retried': ({ after }) => ({ count: after.count }),
  'restore.decided': ({ after }) => ({ variant: after.decision }),
  'hook.added': ({ after }) => namedHook(after),
  'hook.secret-renewed': ({ after }) => namedHook(after),
  'hook.removed': ({ before }) => namedHook(before),
  'dkim-key.created': ({ after }) => after,
  'dkim-key.activated': ({ after }) => after,
  'dkim-key.retired': ({ before }) => before,
};

function namedHook({ provider }: { provider: string }): { provider: string } {
  const id = providerIds.find((one) => one === provider);
  return { provider: id === undefined ? provider : providerNames[id] };
}
