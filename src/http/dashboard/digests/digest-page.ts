import type { DigestDetails } from '../../../dashboard/digest-details.js';
import { describeSendTime } from '../../../digests/send-time.js';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { NamedDelivery, NamedDeliveryPage } from '../../../dashboard/named-deliveries.js';
import type { DeliveryState } from '../../../deliveries/delivery.js';
import type { Operator } from '../../../operators/operator.js';
import { circuitRows } from '../health/circuit-rows.js';
import { deliveryRows, groupByState, stateNames } from './delivery-rows.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';

type PageInput = {
  flash: string | null;
  /** Who looks; undefined: a link that names no operator. */
  operator: Operator | undefined;
  /** The first of each state. */
  deliveries: readonly NamedDelivery[];
};

/** What a digest's page shows, from its figures. */
export function describeDigestPage(
  context: Pick<Context, 'templates' | 'now'>,
  digest: DigestDetails,
  { flash, operator, deliveries }: PageInput,
): TemplateData {
  const { publication } = digest;
  const { now, templates } = context;
  const formatTime = (moment: Date) => formatDateTime(moment, publication.timezone, 'en');
  const circuits = circuitRows(context, digest.circuits, publication);
  return {
    digest,
    flash,
    explanation: [...describeState(digest), ...describeDeletion(digest, formatTime)],
    sent: describeSendTime(digest, { now: now(), formatTime, words: templates.operatorWords }),
    circuits,
    groups: groupByState(deliveryRows(deliveries, operator), digest.counts),
  };
}

/** What the page of a digest's mails in one state shows. */
export function describeDeliveriesPage(
  digest: Pick<DigestDetails, 'id' | 'name' | 'counts'>,
  page: NamedDeliveryPage & {
    state: DeliveryState;
    before: string | undefined;
    operator: Operator | undefined;
  },
): TemplateData {
  const { state, before, operator, deliveries, nextCursor } = page;
  return {
    id: digest.id,
    name: digest.name,
    state,
    stateName: stateNames[state],
    count: digest.counts[state],
    deliveries: deliveryRows(deliveries, operator),
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

/** What the digest's state means for its readers, in sentences. */
function describeState({ state, cadence, counts, cancelled }: DigestDetails): string[] {
  const waiting = counts.queued + counts.deferred;
  switch (state) {
    case 'held':
      return ['Nobody has been mailed anything. Approve it, and its readers are mailed as each is due.'];
    case 'approved':
      if (cadence === 'operator') return ['Who gets it is worked out when it goes.'];
      return ['It is sent as soon as its readers are due.'];
    case 'sending':
      return ['A pause or a cancellation takes effect within two seconds; what is on the wire finishes.'];
    case 'paused':
      return [
        `${countNoun(counts.accepted, 'reader')} ${counts.accepted === 1 ? 'has' : 'have'} it; ${countNoun(waiting, 'reader')} ${waiting === 1 ? 'waits' : 'wait'}, and nobody gets two.`,
      ];
    case 'closed':
      return ['Nothing of it is left to send.'];
    case 'cancelled':
      return cancelled;
  }
}
