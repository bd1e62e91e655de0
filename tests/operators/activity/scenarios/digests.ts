import { retryDigest } from '../../../../src/deliveries/control/retry-digest.js';
import { resolveDigest } from '../../../../src/deliveries/control/resolve-digest.js';
import { resumeDigest } from '../../../../src/deliveries/control/resume-digest.js';
import { planDue } from '../../../../src/deliveries/plan/plan-digests.js';
import { planOperatorDigest, sendOperatorDigest } from '../../../../src/deliveries/plan/operator-digest.js';
import {
  approveDigest,
  cancelDigest,
  closeFinished,
  pauseDigestByOperator,
  rescheduleDigest,
} from '../../../../src/digests/change-state.js';
import { openDigest } from '../../../../src/digests/open/open-digest.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import { addDigestWithDeliveries, type DeliveryFixture } from '../../../deliveries/delivery-rows.js';
import { addArticles, addReader } from '../../../support/fixtures.js';
import type { Act, Scenario, Scenarios, Stage } from './scenario.js';

/** A digest in a state, with these deliveries. */
async function addDigest(
  { app }: Stage,
  state: Parameters<typeof addDigestWithDeliveries>[2]['state'],
  rows: readonly DeliveryFixture[] = [],
): Promise<string> {
  await app.createPublication();
  const { db, now } = app.context;
  return (await addDigestWithDeliveries(db, now(), { state }, rows)).digestId;
}

function onDigest(
  by: Scenario['by'],
  state: Parameters<typeof addDigest>[1],
  act: (id: string) => Act,
  rows: readonly DeliveryFixture[] = [],
): Scenario {
  return { by, prepare: async (stage) => act(await addDigest(stage, state, rows)) };
}

/** An announcement to the only reader. */
async function orderTo(stage: Stage, sendAt?: Date): Promise<Act> {
  const publication = await stage.app.createPublication();
  await addReader(stage.app, publication, 'ada@example.com');
  const order = { subject: 'New hours', note: 'We open at six.', articleIds: [], sendAt };
  return (context) => sendOperatorDigest(context, publication.id, order);
}

/** A daily reader who is due an article. */
async function planTo(stage: Stage, approval: boolean): Promise<Act> {
  const publication = await stage.app.createPublication({ defaultCadence: 'daily', approval });
  await addReader(stage.app, publication, 'ada@example.com');
  await addArticles(stage.app, publication, 'Low tide');
  stage.app.advanceClock(DAY_MS);
  return (context) => planDue(context);
}

export const digestScenarios: Scenarios = {
  'digest.ordered': { by: 'operator', prepare: (stage) => orderTo(stage) },
  'digest.opened': { by: 'system', notedIn: ['failed_rows'], prepare: (stage) => planTo(stage, false) },
  'digest.held': { by: 'system', notedIn: ['failed_rows'], prepare: (stage) => planTo(stage, true) },
  'digest.rescheduled': {
    by: 'operator',
    prepare: async (stage) => {
      const { context } = stage.app;
      const act = await orderTo(stage, new Date(context.now().getTime() + DAY_MS));
      const { digestId } = (await act(context)) as { digestId: string };
      return (acting) =>
        rescheduleDigest(acting, digestId, { sendAt: new Date(acting.now().getTime() + 2 * DAY_MS) });
    },
  },
  'digest.approved': onDigest('operator', 'held', (id) => (context) => approveDigest(context, id)),
  'digest.started': {
    by: 'operator',
    bySystem: true,
    prepare: async (stage) => {
      const ordered = (await (await orderTo(stage))(stage.app.context)) as { digestId: string };
      return (context) => planOperatorDigest(context, ordered.digestId);
    },
  },
  'digest.paused': onDigest('token', 'sending', (id) => (context) => pauseDigestByOperator(context, id)),
  'digest.resumed': onDigest('operator', 'paused', (id) => (context) => resumeDigest(context, id)),
  'digest.cancelled': onDigest('command-line', 'sending', (id) => (context) => cancelDigest(context, id)),
  'digest.closed': {
    by: 'system',
    prepare: async (stage) => {
      const id = await addDigest(stage, 'sending');
      return ({ db, now }) => db.transaction((tx) => closeFinished(tx, [{ id, lastBatch: 0 }], now()));
    },
  },
  'digest.reopened': {
    ...onDigest('operator', 'closed', (id) => (context) => retryDigest(context, id), [{ state: 'rejected' }]),
    bySystem: true,
  },
  'digest.superseded': {
    by: 'system',
    prepare: async ({ app }) => {
      const { id: publicationId } = await app.createPublication();
      const { db, now } = app.context;
      const digest = { state: 'approved', period: '2026-11-21' } as const;
      await addDigestWithDeliveries(db, now(), digest);
      const next = {
        publicationId,
        cadence: 'daily',
        period: '2026-11-22',
        closesAt: null,
        keyId: 'k',
      } as const;
      return (context) => context.db.transaction((tx) => openDigest(tx, next, now()));
    },
  },
  'digest.retried': onDigest('operator', 'closed', (id) => (context) => retryDigest(context, id), [
    { state: 'rejected' },
    { state: 'deferred' },
  ]),
  'digest.resolved': onDigest(
    'operator',
    'closed',
    (id) => (context) => resolveDigest(context, id, { as: 'resend' }),
    [{ state: 'uncertain' }, { state: 'uncertain', batch: 2 }],
  ),
};
