import { z } from 'zod';
import { enqueueOneHourManageLink } from '../../../deliveries/notices/self-service-links.js';
import { recordLeaveReason } from '../../../subscribers/leave/unsubscribe.js';
import { leaveReasons } from '../../../subscribers/leave/leave-reason.js';
import { undoUnsubscribe } from '../../../subscribers/leave/restore-subscription.js';
import { changeChoices } from '../../../subscribers/preferences/change-choices.js';
import { pauseEndsAt } from '../../../subscribers/preferences/pause-end.js';
import { isSubscribed } from '../../../subscribers/subscription.js';
import { pauseSubscription } from '../../../subscribers/preferences/pause.js';
import type { OpenedLink } from '../open-token.js';
import type { PageContext } from './page.js';

/** Runs an action; resolves with the query of the page that follows. */
type FollowUpAction = (holder: OpenedLink, body: unknown) => Promise<string>;

/**
 * The page's other buttons, by the last segment of their URL. Somebody who got the mail forwarded can press them too: none
 * does more harm than unsubscribing.
 */
export function followUpActions(
  context: PageContext,
): Record<'undo' | 'fewer' | 'pause' | 'reason' | 'data', FollowUpAction> {
  return {
    undo: async ({ subscription }) => {
      const { kind } = await undoUnsubscribe(context, subscription.id);
      return kind === 'resumed' ? '?done=undo' : '';
    },
    fewer: async ({ subscription }) => {
      if (!isSubscribed(subscription)) return '';
      // From a page that is older than her settings: monthly is fewer still.
      if (subscription.cadence !== 'monthly')
        await changeChoices(context, subscription.id, { cadence: 'weekly' });
      return '?done=fewer';
    },
    pause: async ({ subscription }) => {
      if (subscription.status !== 'confirmed') return '';
      const until = pauseEndsAt('month', '', subscription.timezone, context.now()) ?? null;
      await pauseSubscription(context, subscription.id, { until, catchUp: false });
      return '?done=pause';
    },
    reason: async ({ subscription }, body) => {
      const { data } = reasonForm.safeParse(body ?? {});
      if (data === undefined) return '';
      await recordLeaveReason(context, subscription.id, data.reason);
      return '?done=reason';
    },
    data: async ({ subscription }) => {
      const outcome = await enqueueOneHourManageLink(context, subscription.id);
      return { mailed: '?done=data', later: '?done=data-later', stopped: '' }[outcome];
    },
  };
}

const reasonForm = z.object({ reason: z.enum(leaveReasons) });
