import { cancelDigest, pauseDigestByMailServer } from '../../../src/digests/change-state.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import type { DigestState } from '../../../src/digests/digest.js';
import { sql } from '../../../src/platform/db/sql.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { recountDeliveries } from '../../support/recount-deliveries.js';
import type { TestApp } from '../../support/test-app.js';
import { mailsTo, type Mail } from './readers.js';
import { LANTERN } from './week.js';

/** Digests that need an operator, one in each such state. */
export async function stopDigests(testApp: TestApp): Promise<void> {
  const { context, handlers } = testApp;
  const { db } = context;
  const closed = await announce(testApp, 'The office is closed on Friday');
  await testApp.runDueJobs();
  await db.run(sql`
    update deliveries set state = 'uncertain', answer = 'The connection broke before the answer came.'
     where (digest_id, subscription_id) in (select digest_id, subscription_id from deliveries
                                             where digest_id = ${closed} order by 2 limit 1)
  `);
  await db.run(sql`
    update deliveries set state = 'rejected', answer = '550 5.1.1 No such user'
     where (digest_id, subscription_id) in (select digest_id, subscription_id from deliveries
                                             where digest_id = ${closed} order by 2 desc limit 1)
  `);
  await recountDeliveries(db);
  await handlers.sweep({});
  const cancelled = await announce(testApp, 'Join us on the pier on Sunday');
  await handlers['plan-digest']({ digestId: cancelled });
  await cancelDigest(context, cancelled);
  await testApp.runDueJobs();
  const paused = await announce(testApp, 'The reading room has new hours');
  await handlers['plan-digest']({ digestId: paused });
  const words =
    '554 5.7.1 Service unavailable; client host [192.0.2.25] blocked using bl.example: see https://bl.example/';
  await db.transaction((tx) => pauseDigestByMailServer(tx, paused, words, context.now()));
  const held = await announce(testApp, 'A word from our new editor');
  await db.run(sql`delete from outbox where payload = ${JSON.stringify({ digestId: held })}::jsonb`);
  const reason =
    '812 readers would get it, 103 % more than the 400 of the last one. That often means an import went in twice.';
  await db.run(sql`update digests set state = 'held', reason = ${reason} where id = ${held}`);
  await testApp.runDueJobs();
}

/** The alerts about them. */
export async function alertMails(testApp: TestApp): Promise<Mail[]> {
  await testApp.handlers['alert-operators']({});
  await testApp.runDueJobs();
  return mailsTo(testApp, 'editor@lantern.example');
}

/** The page of the newest digest in a state. */
export async function digestPath({ context }: TestApp, state: DigestState): Promise<string> {
  const { id } = await context.db.one<{ id: string }>(
    sql`select id from digests where state = ${state} order by id desc limit 1`,
  );
  return pathOf(id);
}

/** An order that goes next week. */
export async function scheduledDigestPath(testApp: TestApp): Promise<string> {
  const { context } = testApp;
  const known = await context.db.maybe<{ id: string }>(
    sql`select id from digests where state = 'approved' and send_at > ${context.now()} limit 1`,
  );
  const sendAt = new Date(context.now().getTime() + 7 * DAY_MS);
  return pathOf(known?.id ?? (await announce(testApp, 'A walk along the pier', sendAt)));
}

/** The daily digest of today, which readers elsewhere still wait for. */
export async function rollingDigestPath({ context }: TestApp): Promise<string> {
  const { id } = await context.db.one<{ id: string }>(
    sql`select id from digests where cadence = 'daily' and state = 'sending' order by id desc limit 1`,
  );
  return pathOf(id);
}

function pathOf(id: string): string {
  return `/operator/publications/harbour-lantern/digests/${id}`;
}

async function announce({ context }: TestApp, subject: string, sendAt?: Date): Promise<string> {
  const publication = await findPublicationBySlug(context.db, LANTERN);
  const note = 'A word to all our readers.';
  const sent = await sendOperatorDigest(context, publication?.id ?? '', {
    subject,
    note,
    articleIds: [],
    sendAt,
  });
  if (sent.kind !== 'sending') throw new Error('Nobody is due');
  return sent.digestId;
}
