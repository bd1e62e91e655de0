import { expect, test } from '@jest/globals';
import { sendBatch } from '../../../src/deliveries/send/send-batch.js';
import { openWorkerContext } from '../../../src/deliveries/send/worker-context.js';
import { sql } from '../../../src/platform/db/sql.js';
import { SECOND_MS } from '../../../src/platform/durations.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const PER_SECOND = 14;

/** Everything is due; three workers send what batches there are, each batch once. */
async function sendWithThreeWorkers(testApp: TestApp): Promise<void> {
  const batches = await testApp.context.db.many<{ digestId: string; number: number }>(
    sql`select digest_id, number from batches where due_at is not null order by number`,
  );
  const workers = [testApp.workerContext, ...[1, 2].map(() => openWorkerContext(testApp.context))];
  await Promise.all(
    batches.map(async (batch, at) => sendBatch(workers[at % workers.length] ?? testApp.workerContext, batch)),
  );
}

/** Splits the one batch of a digest into as many as asked. */
function splitBatch(testApp: TestApp, count: number): Promise<unknown> {
  return testApp.context.db.transaction(async (tx) => {
    await tx.run(sql`
      insert into batches (digest_id, number, due_at)
      select digest_id, number + part, due_at from batches, generate_series(1, ${count - 1}::integer) as part
    `);
    await tx.run(sql`
      update deliveries d
         set batch = d.batch + numbered.position % ${count}::integer
        from (select subscription_id, row_number() over (order by subscription_id) as position from deliveries) as numbered
       where numbered.subscription_id = d.subscription_id
    `);
  });
}

// Side by side: they wait for seconds that a clock has to show.
test.concurrent.each([1, 9])(
  'a rate of 14 a second is used and kept, with %d batches of mail waiting',
  async (batches) => {
    const testApp = await openTestApp({
      isClockRunning: true,
      smtpParameters: { perSecond: String(PER_SECOND) },
    });
    try {
      const publication = await testApp.createPublication();
      await addReaders(testApp, publication, readerAddresses(98));
      await addArticles(testApp, publication, 'Harbour');
      await testApp.handlers['plan-instant']({ publicationId: publication.id });
      if (batches > 1) await splitBatch(testApp, batches);
      await sendWithThreeWorkers(testApp);
      const times = testApp.smtp.messages.map(({ at }) => at.getTime()).toSorted((a, b) => a - b);
      expect(new Set(testApp.smtp.messages.map(({ to }) => to)).size).toBe(98);
      expect(times).toHaveLength(98);
      const [first = 0, last = 0] = [times[0], times.at(-1)];
      // 97 intervals take 7.1 s at the rate itself; the first mail, for which a connection is opened, arrives some time after its permit.
      expect(last - first).toBeGreaterThan(6.5 * SECOND_MS);
      expect(last - first).toBeLessThan(12 * SECOND_MS);
      // A busy machine's late timers move a few mails from one second into the next.
      for (const from of times) {
        const within = times.filter((at) => at >= from && at < from + 3 * SECOND_MS);
        expect(within.length).toBeLessThanOrEqual(3.3 * PER_SECOND);
      }
    } finally {
      await testApp.close();
    }
  },
);
