import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Tx } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { statesIn } from '../../src/platform/db/transitions.js';
import { markTakenBack } from '../../src/subscribers/confirm/writes.js';
import { recordWording } from '../../src/subscribers/consent/record-consent.js';
import { insertImport } from '../../src/subscribers/import/writes.js';
import { markBrought, markPendingAgain, markStarted } from '../../src/subscribers/import/reader-writes.js';
import { markPaused, markResumed } from '../../src/subscribers/preferences/writes.js';
import type { SubscriptionStatus } from '../../src/subscribers/subscription.js';
import { SUBSCRIPTION_TRANSITIONS, type SubscriptionOperation } from '../../src/subscribers/transitions.js';
import {
  anonymiseSubscription,
  findOrCreateSubscriber,
  findOrCreateSubscription,
  markConfirmed,
  markRestored,
  markUnsubscribed,
} from '../../src/subscribers/writes.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

const settings = {
  cadence: 'daily',
  hour: 7,
  weekday: 1,
  dayOfMonth: 1,
  timezone: 'Africa/Nairobi',
} as const;
const endedAt = new Date('2026-11-20T09:00:00Z');
const states = statesIn(SUBSCRIPTION_TRANSITIONS);

let testApp: TestApp;
let publicationId: string;

beforeAll(async () => {
  testApp = await openTestApp();
  publicationId = (await testApp.createPublication()).id;
});

afterAll(() => testApp.close());

const now = () => testApp.context.now();

const operations: Record<
  Exclude<SubscriptionOperation, 'sign-up'>,
  (tx: Tx, id: string) => Promise<unknown>
> = {
  confirm: (tx, id) => {
    const choices = { ...settings, topics: [], locale: 'en', watermark: 0, nextDueAt: null };
    return markConfirmed(tx, id, 1, choices, now());
  },
  // A visit pressed when it had confirmed, of a subscription that was pending, or had ended.
  'take-back': async (tx, id) => {
    await tx.run(sql`
      with consent as (
        insert into consents (subscription_id, kind, created_at)
        values (${id}, 'confirmed', ${now()})
        returning id
      )
      insert into confirm_visits (subscription_id, visit, pressed_at, changed_at, consent_id, before)
      select s.id, 'visit', ${endedAt}::timestamptz, ${endedAt}::timestamptz, consent.id,
             jsonb_build_object('subscription', to_jsonb(s)
               || jsonb_build_object('status', case when exists (select from imported_readers i where i.subscription_id = s.id) then 'added'
                                                   when s.paused_at is null then 'pending' else 'unsubscribed' end))
        from subscriptions s, consent
       where s.id = ${id}
    `);
    return markTakenBack(tx, id, 'visit');
  },
  pause: (tx, id) => markPaused(tx, id, { until: null, catchUp: false }, now()),
  resume: (tx, id) => markResumed(tx, [{ id, nextDueAt: null }], 0),
  unsubscribe: (tx, id) => markUnsubscribed(tx, id, now()),
  restore: (tx, id) => markRestored(tx, { id, unsubscribedAt: endedAt }, null, false),
  import: (tx, id) => bringAgain(tx, id),
  start: async (tx, id) => markStarted(tx, await noteBrought(tx, id), [{ id, nextDueAt: null }], 0, now()),
  'undo-import': (tx, id) => markPendingAgain(tx, [id]),
  erase: (tx, id) => anonymiseSubscription(tx, id, now()),
};

/** What it was before it ended or was confirmed. */
const pasts = ['reading', 'paused', 'brought'] as const;
type Past = (typeof pasts)[number];

async function subscriptionIn(tx: Tx, status: SubscriptionStatus, past: Past): Promise<string> {
  const address = { email: 'r@example.com', key: 'r@example.com' };
  const { id: subscriberId } = await findOrCreateSubscriber(tx, address, now());
  const row = { ...settings, publicationId, subscriberId, locale: 'en' };
  const { id } = await findOrCreateSubscription(tx, row, now());
  await tx.run(sql`
    update subscriptions
       set status = ${status},
           unsubscribed_at = ${status === 'unsubscribed' ? endedAt : null},
           paused_at = ${past === 'paused' ? endedAt : null},
           confirmed_at = ${status === 'pending' ? null : endedAt}
     where id = ${id}
  `);
  if (past === 'brought') await noteBrought(tx, id);
  return id;
}

/** As a file does that has her address. */
async function bringAgain(tx: Tx, id: string): Promise<void> {
  const importId = await insertEmptyImport(tx);
  const addressHash = Buffer.from('hash of an address');
  await tx.run(sql`
    insert into import_rows (import_id, address_hash, domain_hash, email, email_key, status, topics)
    select ${importId}::uuid, ${addressHash}, ${addressHash}, p.email, p.email_key, 'subscribed', '{}'
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
     where s.id = ${id}
  `);
  const brought = {
    id: importId,
    hashes: [addressHash],
    wordingVersion: await recordWording(tx, 'By a form', now()),
  };
  await markBrought(tx, brought, publicationId, now());
}

async function noteBrought(tx: Tx, id: string): Promise<string> {
  const importId = await insertEmptyImport(tx);
  await tx.run(sql`
    insert into imported_readers (subscription_id, import_id, imported_at)
    values (${id}, ${importId}, ${now()})
        on conflict (subscription_id) do nothing
  `);
  return importId;
}

async function insertEmptyImport(tx: Tx): Promise<string> {
  const row = {
    publicationId,
    product: 'ghost',
    productName: 'Ghost',
    cadence: 'daily',
    timezone: 'UTC',
  } as const;
  return (await insertImport(tx, row, { kind: 'system' }, now())).id;
}

class RolledBack extends Error {}

/** The state after an operation; undefined: the operation has left the row as it was. */
async function stateAfter(
  operation: keyof typeof operations,
  from: SubscriptionStatus,
  past: Past,
): Promise<SubscriptionStatus | undefined> {
  let after: SubscriptionStatus | undefined;
  await testApp.context.db
    .transaction(async (tx) => {
      const id = await subscriptionIn(tx, from, past);
      const read = () =>
        tx.one<{ status: SubscriptionStatus; row: object }>(
          sql`select status, to_jsonb(s) as row from subscriptions s where id = ${id}`,
        );
      const before = await read();
      await operations[operation](tx, id);
      const { status, row } = await read();
      after = JSON.stringify(row) === JSON.stringify(before.row) ? undefined : status;
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return after;
}

test.each(Object.keys(operations) as (keyof typeof operations)[])(
  '%s moves subscriptions as the table says, and no others',
  async (operation) => {
    for (const from of states) {
      const after = await Promise.all(pasts.map((past) => stateAfter(operation, from, past)));
      const reached = [...new Set(after.filter((state) => state !== undefined))];
      const allowed = SUBSCRIPTION_TRANSITIONS.filter((row) => row.by === operation && row.from === from);
      expect([from, reached.toSorted()]).toEqual([from, allowed.map(({ to }) => to).toSorted()]);
    }
  },
);

test('the database allows the states of the table and no others', async () => {
  const { definition } = await testApp.context.db.one<{ definition: string }>(sql`
    select pg_get_constraintdef(oid) as definition
      from pg_constraint
     where conname = 'subscriptions_status_check'
  `);
  const inDatabase = [...definition.matchAll(/'(\w+)'/g)].map(([, state]) => state);
  expect(inDatabase.toSorted()).toEqual(states.toSorted());
});
