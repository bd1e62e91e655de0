import { decideHold } from '../../src/articles/release/decide-hold.js';
import { holdArticle, retractArticle, skipArticle } from '../../src/articles/release/decide-article.js';
import { releaseOrRestoreArticle } from '../../src/deliveries/control/release-article.js';
import { DIGEST_ACTIONS } from '../../src/deliveries/control/digest-actions.js';
import { sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS } from '../../src/platform/durations.js';
import { uuidv7 } from '../../src/platform/uuid.js';
import type { Publication } from '../../src/publications/publication.js';
import { confirmSubscription } from '../../src/subscribers/confirm/confirm.js';
import { eraseSubscription } from '../../src/subscribers/erase/erase.js';
import { undoUnsubscribe } from '../../src/subscribers/leave/restore-subscription.js';
import { undoBlock } from '../../src/subscribers/leave/undo-block.js';
import { recordLeaveReason, unsubscribe } from '../../src/subscribers/leave/unsubscribe.js';
import { changeChoices } from '../../src/subscribers/preferences/change-choices.js';
import { pauseSubscription, resumeSubscription } from '../../src/subscribers/preferences/pause.js';
import { findSubscription } from '../../src/subscribers/reads.js';
import { deleteHeldSignUps, releaseHeldSignUps } from '../../src/subscribers/sign-up/held.js';
import { recordRequests } from '../../src/subscribers/sign-up/record-requests.js';
import { blockAddress } from '../../src/subscribers/suppression/block-address.js';
import { liftAsOperator, suppressAddress } from '../../src/subscribers/suppression/operator-changes.js';
import { addArticles, addReaders } from '../support/fixtures.js';
import type { TestApp } from '../support/test-app.js';

/** A newsletter to do something with. `random` is from 0 to 1. */
export type Desk = { app: TestApp; publication: Publication; random: () => number; made: number };

/** Everything that changes a number that is kept. */
export const operations: Record<string, (desk: Desk) => Promise<unknown>> = {
  'readers come': ({ app, publication, ...desk }) =>
    addReaders(app, publication, newAddresses(desk, 1 + Math.floor(desk.random() * 4)), {
      status: oneOf(desk, ['pending', 'confirmed', 'paused', 'unsubscribed'] as const),
      cadence: oneOf(desk, ['instant', 'daily', 'weekly', 'monthly'] as const),
      topics: oneOf(desk, [[], ['Sea'], ['Sky', 'Sea'], ['Sea', 'Sky']]),
    }),
  'one confirms': (desk) =>
    withReader(desk, async ({ id, generation }) =>
      confirmSubscription(desk.app.context, {
        subscriptionId: id,
        generation,
        publication: desk.publication,
        wording: 'Yes.',
      }),
    ),
  'one leaves': (desk) => withReader(desk, ({ id }) => unsubscribe(desk.app.context, id)),
  'one says why she left': (desk) =>
    withReader(desk, ({ id }) =>
      recordLeaveReason(desk.app.context, id, oneOf(desk, ['too-many', 'other', 'not-relevant'] as const)),
    ),
  'one comes back': (desk) => withReader(desk, ({ id }) => undoUnsubscribe(desk.app.context, id)),
  'one pauses': (desk) =>
    withReader(desk, ({ id }) =>
      pauseSubscription(desk.app.context, id, {
        until: new Date(desk.app.context.now().getTime() + DAY_MS),
        catchUp: desk.random() < 0.5,
      }),
    ),
  'one resumes': (desk) => withReader(desk, ({ id }) => resumeSubscription(desk.app.context, id)),
  'pauses end': ({ app }) => app.handlers['resume-paused']({}),
  'one chooses': (desk) =>
    withReader(desk, ({ id }) =>
      changeChoices(desk.app.context, id, {
        cadence: oneOf(desk, ['instant', 'daily', 'weekly'] as const),
        topics: oneOf(desk, [[], ['Sea'], ['Sky']]),
        hour: Math.floor(desk.random() * 24),
      }),
    ),
  'one is erased': (desk) => withReader(desk, ({ id }) => eraseSubscription(desk.app.context, id)),
  'one blocks': (desk) => withReader(desk, ({ id }) => blockAddress(desk.app.context, id)),
  'one takes the block back': (desk) => withReader(desk, ({ id }) => undoBlock(desk.app.context, id)),
  'an address is suppressed': (desk) =>
    withReader(desk, ({ emailKey }) =>
      suppressAddress(desk.app.context, {
        emailKey,
        publicationId: publicationOrAll(desk),
        note: 'Asked by mail',
      }),
    ),
  'suppressions are lifted': (desk) =>
    withReader(desk, ({ emailKey }) =>
      liftAsOperator(desk.app.context, {
        emailKey,
        publicationId: publicationOrAll(desk),
        note: 'Asked by mail',
      }),
    ),
  'sign-ups come': async (desk) => {
    const { context } = desk.app;
    const requests = newAddresses(desk, 3).map((email) => ({
      ...{
        id: uuidv7(context.now()),
        publicationId: desk.publication.id,
        email,
        locale: null,
        timezone: null,
      },
      ...{ cadence: null, topics: [], source: null, ip: null, agent: null, risk: 1 },
      reasons: oneOf(desk, [['flood'], ['flood', 'too-fast'], ['disposable']]),
      held: desk.random() < 0.7,
    }));
    await context.db.transaction((tx) => recordRequests(tx, requests, context.now()));
  },
  'held sign-ups are released': ({ app, publication }) =>
    releaseHeldSignUps(app.context, { publicationId: publication.id, reason: 'too-fast' }),
  'held sign-ups are deleted': ({ app, publication }) =>
    deleteHeldSignUps(app.context, { publicationId: publication.id, reason: 'disposable' }),
  'an article is out': (desk) => addArticles(desk.app, desk.publication, `Article ${(desk.made += 1)}`),
  'an article is decided about': (desk) => withArticle(desk, decideArticle),
  'a hold is decided': async (desk) => {
    const hold = await pick(
      desk,
      sql`select hold_id as id from articles where state = 'held' and hold_id is not null order by id`,
    );
    if (hold !== undefined)
      await decideHold(desk.app.context, hold, oneOf(desk, ['all', 'none', 1] as const));
  },
  'instant readers are planned': ({ app, publication }) =>
    app.handlers['plan-instant']({ publicationId: publication.id }),
  'hours pass': async ({ app, random }) => {
    app.advanceClock(HOUR_MS * Math.ceil(random() * 30));
    await app.handlers['plan-due']({});
  },
  'an operator sends': ({ app, publication }) => sendOperatorDigest(app.context, publication.id),
  'mail is sent': ({ app }) => app.runDueJobs(),
  'mail is sent by a bad server': async (desk) => {
    const { smtp } = desk.app;
    smtp.setScript((stage) => {
      if (stage === 'rcpt') return oneOf(desk, [undefined, '550 5.1.1 Nobody', '451 4.2.0 Later', undefined]);
      return stage === 'dot'
        ? oneOf(desk, [undefined, 'hang-up', 'hang-up-accepted', '554 5.7.1 No'])
        : undefined;
    });
    await desk.app.runDueJobs();
    smtp.setScript(() => undefined);
  },
  'an operator acts on a digest': async (desk) => {
    const id = await pick(desk, sql`select id from digests order by id`);
    const action = oneOf(desk, [
      'approve',
      'pause',
      'resume',
      'cancel',
      'retry',
      'accepted',
      'resend',
    ] as const);
    if (id === undefined) return;
    if (action === 'accepted' || action === 'resend')
      await DIGEST_ACTIONS.resolve.act(desk.app.context, id, { as: action, subscriptionId: undefined });
    else await DIGEST_ACTIONS[action].act(desk.app.context, id);
  },
  'it is swept': ({ app }) => app.handlers.sweep({}),
  'old rows are deleted': async ({ app }) => {
    app.advanceClock(8 * DAY_MS);
    await app.handlers.purge({});
  },
  'numbers are added up': ({ app }) => app.handlers['add-up-counts']({}),
};

async function decideArticle(desk: Desk, id: string): Promise<unknown> {
  const { context } = desk.app;
  const decide = oneOf(desk, [holdArticle, releaseOrRestoreArticle, skipArticle, retractArticle]);
  return decide(context, id);
}

function oneOf<Value>({ random }: Pick<Desk, 'random'>, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

function publicationOrAll(desk: Desk): string | null {
  return desk.random() < 0.5 ? desk.publication.id : null;
}

function newAddresses({ random }: Pick<Desk, 'random'>, count: number): string[] {
  return Array.from({ length: count }, () => `reader-${random().toString(36).slice(2)}@example.com`);
}

async function withReader(
  desk: Desk,
  work: (reader: { id: string; generation: number; emailKey: string }) => Promise<unknown>,
): Promise<void> {
  const id = await pick(desk, sql`select id from subscriptions order by id`);
  const reader = id === undefined ? undefined : await findSubscription(desk.app.context.db, id);
  if (reader !== undefined) await work(reader);
}

async function withArticle(desk: Desk, work: (desk: Desk, id: string) => Promise<unknown>): Promise<void> {
  const id = await pick(desk, sql`select id from articles order by id`);
  if (id !== undefined) await work(desk, id);
}

async function pick(desk: Desk, rows: ReturnType<typeof sql>): Promise<string | undefined> {
  const found = await desk.app.context.db.many<{ id: string }>(rows);
  return found.length === 0 ? undefined : oneOf(desk, found).id;
}
