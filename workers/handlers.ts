import { promisePolls } from '../src/articles/promise-polls.js';
import { listDueForRelease } from '../src/articles/reads.js';
import { releaseDueArticles } from '../src/articles/release.js';
import { alertOperators } from '../src/deliveries/alert-operators.js';
import { cancelDeliveries } from '../src/deliveries/cancel-digest.js';
import { answerSignUps, welcome } from '../src/deliveries/notify.js';
import { mailLostLink } from '../src/deliveries/own-links.js';
import { planDue, planInstant } from '../src/deliveries/plan.js';
import { purgeUnconfirmed } from '../src/deliveries/purge.js';
import { reconcileUncertain } from '../src/deliveries/reconcile.js';
import { resumeDeliveries } from '../src/deliveries/resume-digest.js';
import { retryDeliveries } from '../src/deliveries/retry-digest.js';
import { sendBatch } from '../src/deliveries/send-batch.js';
import { planOperatorDigest } from '../src/deliveries/send-digest.js';
import { sendNotice } from '../src/deliveries/send-notice.js';
import { openSending } from '../src/deliveries/sending.js';
import { sweep } from '../src/deliveries/sweep.js';
import { purgeAccess } from '../src/operators/purge.js';
import type { Context } from '../src/platform/context.js';
import type { Handlers } from '../src/platform/jobs/contract.js';
import { enqueueMissing } from '../src/platform/jobs/outbox.js';
import { purgeCircuits } from '../src/transports/close-circuit.js';
import { purgeOwnData } from '../src/subscribers/purge-own.js';
import { purgeSignUps } from '../src/subscribers/purge.js';
import { resumeRested } from '../src/subscribers/resume.js';
import { watchSignUps } from '../src/subscribers/watch-sign-ups.js';

/** Which operation keeps which promise. */
export function createHandlers(context: Context): Handlers {
  const { db, now } = context;
  const sending = openSending(context);
  return {
    'answer-sign-ups': ({ requestIds }) => answerSignUps(context, requestIds),
    'watch-sign-ups': () => watchSignUps(context),
    'answer-link-request': ({ requestId }) => mailLostLink(context, requestId),
    'send-welcome': ({ consentId }) => welcome(context, consentId),
    'send-notice': ({ noticeId }) => sendNotice(sending, noticeId),
    'alert-operators': () => alertOperators(context),
    'poll-feed': async ({ feedId }) => {
      // The parsers of feeds are loaded with the first one: a worker that only sends is smaller by a fifth.
      const { pollFeed } = await import('../src/articles/poll-feed.js');
      await pollFeed(context, feedId);
    },
    'subscribe-hub': async ({ feedId }) => {
      const { subscribeToHub } = await import('../src/articles/websub.js');
      await subscribeToHub(context, feedId);
    },
    'poll-due': () => promisePolls(context),
    'release-articles': async ({ publicationId }) => void (await releaseDueArticles(context, publicationId)),
    'release-due': async () => {
      const publications = await listDueForRelease(db, now());
      await db.transaction((tx) => enqueueMissing(tx, 'release-articles', publications, now()));
    },
    'plan-instant': ({ publicationId }) => planInstant(context, publicationId),
    'plan-digest': ({ digestId }) => planOperatorDigest(context, digestId),
    'plan-due': () => planDue(context),
    'resume-paused': () => resumeRested(context),
    'send-batch': ({ digestId, batch }) => sendBatch(sending, { digestId, number: batch }),
    'cancel-deliveries': ({ digestId }) => cancelDeliveries(context, digestId),
    'resume-deliveries': (payload) => resumeDeliveries(context, payload),
    'retry-deliveries': (payload) => retryDeliveries(context, payload),
    sweep: () => sweep(context),
    reconcile: async () => reconcileUncertain(context, await sending.ways.all()),
    purge: async () => {
      await purgeUnconfirmed(context);
      await purgeSignUps(context);
      await purgeOwnData(context);
      await purgeAccess(context);
      await db.transaction((tx) => purgeCircuits(tx, now()));
    },
  };
}
