import { messageId } from '../../src/deliveries/mail-urls.js';
import { recordEvents, type RecordedEvents } from '../../src/events/record/record-events.js';
import type { IncomingEvent } from '../../src/events/event.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { listDeliveries, type DeliveryRow } from './deliveries.js';
import { addArticles, advanceAndRunJobs } from './fixtures.js';
import type { TestApp } from './test-app.js';

let count = 0;

/** A bounce by mail of a delivery, which says that there is no such mailbox; `about` makes it another event. */
export function eventOf(
  { context }: Pick<TestApp, 'context'>,
  publication: Publication,
  delivery: Pick<DeliveryRow, 'digestId' | 'subscriptionId' | 'email'>,
  about: Partial<IncomingEvent> = {},
): IncomingEvent {
  const { digestId: scope, subscriptionId: subject, email } = delivery;
  return {
    key: `event-${(count += 1)}`,
    source: 'smtp',
    class: 'hard',
    scope: 'mailbox',
    status: '5.1.1',
    code: 550,
    reason: `550 5.1.1 <${email}>: User unknown`,
    occurredAt: context.now(),
    recipient: email,
    match: { messageIds: [messageId(context.links, publication, { scope, subject })] },
    isAuthenticated: false,
    ...about,
  };
}

export function record(testApp: TestApp, ...events: IncomingEvent[]): Promise<RecordedEvents> {
  return recordEvents(testApp.context, events);
}

/** An article comes out, and is mailed to the instant readers; their deliveries of it. */
export async function mailArticle(
  testApp: TestApp,
  publication: Publication,
  title: string,
): Promise<DeliveryRow[]> {
  const before = new Set((await listDeliveries(testApp)).map(({ digestId }) => digestId));
  await addArticles(testApp, publication, title);
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, 0);
  return (await listDeliveries(testApp)).filter(({ digestId }) => !before.has(digestId));
}

/** Why addresses are not mailed, one line each. */
export async function listSuppressionReasons({ context }: TestApp): Promise<string[]> {
  const rows = await context.db.many<{ line: string }>(sql`
    select concat(reason, case when publication_id is null then ' everywhere' end) as line
      from suppressions
     order by 1
  `);
  return rows.map(({ line }) => line);
}
