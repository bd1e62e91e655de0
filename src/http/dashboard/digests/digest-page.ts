import type { DigestDetails } from '../../../dashboard/digest-details.js';
import type { NamedDelivery, NamedDeliveryPage } from '../../../dashboard/named-deliveries.js';
import type { DeliveryState } from '../../../deliveries/delivery.js';
import { isPostalAddressMissing } from '../../../digests/postal-address.js';
import { describeSendTime } from '../../../digests/send-time.js';
import type { Role } from '../../../operators/operator.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime, formatTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { circuitRows } from '../health/circuit-rows.js';
import { describeReach, describeWho } from './audience-words.js';
import { deliveryRows, groupByState, eventGroups } from './delivery-rows.js';
import { describeState, explainState, isRolling, type FormatTimes } from './digest-state.js';
import { ledgerRows, stateNames } from './ledger-words.js';
import type { Pace } from './progress/pace.js';
import type { TimeField } from './time-field.js';

type PageInput = {
  flash: string | null;
  /** Of who looks. */
  role: Role;
  /** The first of each state that somebody may have to look at. */
  deliveries: readonly NamedDelivery[];
  /** Of the form that chooses another time. */
  time: TimeField;
  /** While it is being sent. */
  pace?: Pace | undefined;
};

/** How pages about a publication show moments. */
export function timesOf({ now }: Pick<Context, 'now'>, { timezone }: Publication): FormatTimes {
  return {
    now: now(),
    formatTime: (moment) => formatWeekdayTime(moment, timezone, 'en'),
    formatClock: (moment) => formatTime(moment, timezone, 'en'),
  };
}

/** What a digest's page shows, from its figures. */
export function describeDigestPage(
  context: Pick<Context, 'templates' | 'now'>,
  digest: DigestDetails,
  { flash, role, deliveries, time, pace }: PageInput,
): TemplateData {
  const { publication, audience } = digest;
  const times = timesOf(context, publication);
  const formatLong = (moment: Date) => formatDateTime(moment, publication.timezone, 'en');
  return {
    digest,
    flash,
    time,
    mark: markOf(digest),
    sentence: describeState({ ...digest, pace }, times),
    explanation: [...explainState(digest, times), ...describeDeletion(digest, formatLong)],
    isRolling: isRolling(digest),
    sent: describeSendTime(digest, {
      now: times.now,
      formatTime: formatLong,
      words: context.templates.operatorWords,
    }),
    before: audience === undefined ? null : describeBefore(publication, audience),
    circuits: circuitRows(context, digest.circuits, publication),
    ledger: ledgerRows(digest.counts),
    eventGroups: eventGroups(digest.eventGroups, role),
    groups: groupByState(deliveryRows(deliveries, role), digest.counts),
  };
}

/** Of its sentence. */
export function markOf({ state, counts }: Pick<DigestDetails, 'state' | 'counts'>): string {
  return state === 'closed' && counts.uncertain > 0 ? 'unclear' : state;
}

/** Whom it is for, and whether something stops it. */
export function describeBefore(
  publication: Publication,
  audience: NonNullable<DigestDetails['audience']>,
): {
  who: string[];
  reach: string;
  stops: boolean;
  isExact: boolean;
  isNobody: boolean;
  isNobodyDue: boolean;
} {
  return {
    isExact: audience.due !== undefined,
    isNobody: audience.total === 0,
    isNobodyDue: audience.due === 0,
    who: describeWho(audience),
    reach: describeReach(audience),
    stops: isPostalAddressMissing(publication),
  };
}

/** What the page of a digest's mails in one state shows. */
export function describeDeliveriesPage(
  digest: Pick<DigestDetails, 'id' | 'name' | 'counts' | 'may'>,
  page: NamedDeliveryPage & {
    state: DeliveryState;
    before: string | undefined;
    role: Role;
  },
): TemplateData {
  const { state, before, role, deliveries, nextCursor } = page;
  return {
    id: digest.id,
    name: digest.name,
    canDecide: state === 'uncertain' && digest.may.resolve,
    canResend: state === 'uncertain' && digest.may.resend,
    state,
    stateName: stateNames[state],
    count: digest.counts[state],
    deliveries: deliveryRows(deliveries, role),
    before: before ?? null,
    next: nextCursor,
  };
}

function describeDeletion(
  { detailsDeletedAt }: DigestDetails,
  formatTime: (moment: Date) => string,
): string[] {
  if (detailsDeletedAt === null) return [];
  return [
    `Its mails, and what mail servers said to them, were deleted on ${formatTime(detailsDeletedAt)}. Who got which articles is kept, so that nobody is mailed them twice.`,
  ];
}
