import { enqueueDuePolls } from '../src/articles/poll/enqueue-due-polls.js';
import { releaseDueArticles } from '../src/articles/release/release-due.js';
import {
  enqueueCredentialChange,
  enqueueInvitation,
  enqueueRecovery,
} from '../src/deliveries/notices/account-notices.js';
import { correctWrongCounts } from '../src/dashboard/check-counts.js';
import { alertOperators } from '../src/deliveries/notices/alert-operators.js';
import { cancelDeliveries } from '../src/deliveries/control/cancel-deliveries.js';
import { answerSignUps, enqueueWelcome } from '../src/deliveries/notices/answer-sign-ups.js';
import { answerLinkRequest } from '../src/deliveries/notices/answer-link-request.js';
import { postAlert } from '../src/deliveries/notices/post-alert.js';
import { noteMailedReaders } from '../src/deliveries/mailed/note-mailed.js';
import { planDue, planInstant } from '../src/deliveries/plan/plan-digests.js';
import { purgeUnconfirmed } from '../src/deliveries/notices/purge-unconfirmed.js';
import { purgeHistory } from '../src/deliveries/purge/purge-history.js';
import { reconcileUncertain } from '../src/deliveries/reconcile/reconcile-uncertain.js';
import { resumeDeliveries } from '../src/deliveries/control/resume-digest.js';
import { retryDeliveries } from '../src/deliveries/control/retry-digest.js';
import { countDueReaders } from '../src/digests/calendar/due-counts.js';
import { sendBatch } from '../src/deliveries/send/send-batch.js';
import { planOperatorDigest } from '../src/deliveries/plan/operator-digest.js';
import { purgeTestMails } from '../src/deliveries/preview/order-test.js';
import { sendTest } from '../src/deliveries/preview/send-test.js';
import { sendNotice } from '../src/deliveries/notices/send-notice.js';
import { openWorkerContext } from '../src/deliveries/send/worker-context.js';
import { sweep } from '../src/deliveries/recover/sweep.js';
import { purgeInbound } from '../src/events/inbound/purge-inbound.js';
import { eraseEvents } from '../src/events/erase-events.js';
import { purgeEvents } from '../src/events/purge-events.js';
import { purgeActivity } from '../src/operators/activity/purge-activity.js';
import { purgeAccess } from '../src/operators/purge/purge-access.js';
import { purgeProviderRequests } from '../src/events/providers/purge-requests.js';
import { recordLeftRequests } from '../src/events/providers/receive-request.js';
import { sendTestBounce } from '../src/events/providers/test-bounce.js';
import type { Context } from '../src/platform/context.js';
import { addUpCounts } from '../src/platform/counts/add-up-counts.js';
import type { Handlers } from '../src/platform/jobs/definitions.js';
import { DAY_MS } from '../src/platform/durations.js';
import { deleteOldFailedRows } from '../src/platform/jobs/failed-rows.js';
import { callHeartbeat } from '../src/platform/jobs/heartbeat.js';
import { enqueueMissing } from '../src/platform/jobs/outbox.js';
import { runEach } from '../src/platform/process/run-each.js';
import { deleteOldCircuits } from '../src/transports/circuits/close-circuit.js';
import { purgeSubscribers } from '../src/subscribers/erase/purge.js';
import { checkSenders } from '../src/publications/check-senders.js';
import { judgeProviders } from '../src/transports/provider-limits/judge-providers.js';
import { resumeExpiredPauses } from '../src/subscribers/preferences/pause.js';
import { addFile, deleteOldFiles } from '../src/subscribers/suppression/add-file.js';
import { deleteOldImports } from '../src/subscribers/import/purge-imports.js';
import { startImported } from '../src/subscribers/import/start-mailing.js';
import { resumeImports, workOnImport } from '../src/subscribers/import/work-on-import.js';
import { hashAddresses } from '../src/subscribers/suppression/hash-addresses.js';
import { deleteOldReaderChanges, workOnReaderChange } from '../src/subscribers/together/change-readers.js';
import { detectAttacks } from '../src/subscribers/attack/detect-attacks.js';
import { listPublicationsDueForRelease } from '../src/articles/release/reads.js';

/** What nothing has tried again for so long is over: a digest or notice that was given up, for example. */
const FAILED_ROW_RETENTION_MS = 7 * DAY_MS;

/** Which operation runs for which job. */
export function createHandlers(context: Context): Handlers {
  const { db, now } = context;
  const workerContext = openWorkerContext(context);
  // These run also by a clock that is not trusted: see TIMELESS_JOBS.
  const timeless = () => ({ ...context, now: () => context.clock.commonNow() });
  return {
    'answer-sign-ups': ({ requestIds }) => answerSignUps(timeless(), requestIds),
    'watch-sign-ups': () => detectAttacks(context),
    'answer-link-request': ({ requestId }) => answerLinkRequest(timeless(), requestId),
    'erase-events': ({ subscriptionId }) => eraseEvents(context, subscriptionId),
    'send-welcome': ({ consentId }) => enqueueWelcome(timeless(), consentId),
    'send-test': ({ testId }) => sendTest(workerContext, testId),
    'send-notice': ({ noticeId }) => sendNotice(workerContext, noticeId),
    'send-test-bounce': ({ testId }) => sendTestBounce(workerContext, testId),
    'record-left-requests': () => recordLeftRequests(timeless()),
    'alert-operators': () => alertOperators(timeless()),
    'post-alert': ({ alertId }) => postAlert(timeless(), alertId),
    'mail-invitation': ({ invitationId }) => enqueueInvitation(timeless(), invitationId),
    'answer-recovery': ({ recoveryId }) => enqueueRecovery(timeless(), recoveryId),
    'tell-credential-change': ({ changeId }) => enqueueCredentialChange(timeless(), changeId),
    heartbeat: () => callHeartbeat(context),
    'poll-feed': async ({ feedId }) => {
      // The parsers of feeds are loaded with the first one: a worker that only sends is smaller by a fifth.
      const { pollFeed } = await import('../src/articles/poll/poll-feed.js');
      await pollFeed(context, feedId);
    },
    'subscribe-hub': async ({ feedId }) => {
      const { subscribeToHub } = await import('../src/articles/feeds/websub.js');
      await subscribeToHub(context, feedId);
    },
    'poll-due': () => enqueueDuePolls(context),
    'poll-mailbox': async () => {
      if (context.config.imapUrl === undefined) return;
      const { pollMailbox } = await import('../src/events/inbound/poll-mailbox.js');
      await pollMailbox(context);
    },
    'read-inbound': async ({ inboundMailId }) => {
      const { readInbound } = await import('../src/events/inbound/read-inbound.js');
      await readInbound(context, inboundMailId);
    },
    'release-articles': async ({ publicationId }) => void (await releaseDueArticles(context, publicationId)),
    'release-due': async () => {
      const publications = await listPublicationsDueForRelease(db, now());
      await db.transaction((tx) => enqueueMissing(tx, 'release-articles', publications, now()));
    },
    'plan-instant': ({ publicationId }) => planInstant(context, publicationId),
    'plan-digest': ({ digestId }) => planOperatorDigest(context, digestId),
    'plan-due': () => planDue(context),
    'resume-paused': () => resumeExpiredPauses(context),
    'note-mailed': () => noteMailedReaders(context),
    'change-readers': ({ changeId }) => workOnReaderChange(context, changeId),
    'suppress-file': ({ fileId }) => addFile(context, fileId),
    'import-readers': ({ importId }) => workOnImport(context, importId),
    'start-imported': () => runEach([() => resumeImports(context), () => startImported(context)]),
    'hash-addresses': () => hashAddresses(context),
    'count-due': () => countDueReaders(context),
    'send-batch': ({ digestId, batch }) => sendBatch(workerContext, { digestId, number: batch }),
    'cancel-deliveries': ({ digestId }) => cancelDeliveries(context, digestId),
    'resume-deliveries': (payload) => resumeDeliveries(context, payload),
    'retry-deliveries': (payload) => retryDeliveries(context, payload),
    sweep: () => sweep(context),
    reconcile: async () => reconcileUncertain(context, await workerContext.router.listServers()),
    'add-up-counts': () => addUpCounts(context),
    'check-counts': () => correctWrongCounts(context),
    'judge-providers': () => judgeProviders(context),
    'check-senders': () => checkSenders(context),
    purge: () =>
      runEach([
        () => purgeUnconfirmed(context),
        () => purgeSubscribers(context),
        () => purgeAccess(context),
        () => purgeHistory(context),
        () => purgeEvents(context),
        () => purgeTestMails(context),
        () => purgeProviderRequests(context),
        () => purgeActivity(context),
        () => purgeInbound(context),
        () => deleteOldReaderChanges(context),
        () => deleteOldFiles(context),
        () => deleteOldImports(context),
        () => db.transaction((tx) => deleteOldCircuits(tx, now())),
        () => deleteOldFailedRows(db, new Date(now().getTime() - FAILED_ROW_RETENTION_MS)),
      ]),
  };
}
