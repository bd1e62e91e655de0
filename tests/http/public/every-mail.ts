import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { TestApp } from '../../support/test-app.js';
import { requestAddressChange, requestOneHourLink, findManageLink } from './manage/request-links.js';
import { createConfirmedReader, lastMail, linkIn, post, signUp } from '../../support/reader-actions.js';
import { DAY_MS } from '../../../src/platform/durations.js';

/** A reader has been asked, welcomed, told that she is subscribed, and sent an article; another one has been asked. */
export async function sendCommonMail(testApp: TestApp): Promise<void> {
  const publication = await testApp.createPublication();
  await createConfirmedReader(testApp, 'reader@example.com');
  testApp.advanceClock(2 * DAY_MS);
  await signUp(testApp, 'reader@example.com');
  await pushArticle(testApp.context, publication, {
    title: 'High water',
    url: 'https://lantern.example/high-water',
    content: '<p>It came at noon.</p>',
  });
  await testApp.runDueJobs();
  await signUp(testApp, 'other@example.com');
}

/** Readers in every state have been sent every kind of mail that leads to a page of ours. */
export async function sendEveryMail(testApp: TestApp): Promise<void> {
  await sendCommonMail(testApp);
  await stopped(testApp);
  await moved(testApp);
  await requestOneHourLink(testApp, 'reader@example.com');
}

/** One whose mail came back may set it going again. */
async function stopped(testApp: TestApp): Promise<void> {
  const { context } = testApp;
  const { subscription } = await createConfirmedReader(testApp, 'stopped@example.com');
  await context.db.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${context.hashAddress('stopped@example.com')}, ${subscription.publicationId}, 'bounced', ${context.now()})
  `);
  await post(`${await findManageLink(testApp, 'stopped@example.com')}/repair`);
  await testApp.runDueJobs();
}

/** One has moved, one has taken the move back, one was asked and has not answered. */
async function moved(testApp: TestApp): Promise<void> {
  for (const name of ['moved', 'returned', 'asked']) {
    const [old, fresh] = [`${name}@example.com`, `${name}.new@example.com`];
    await createConfirmedReader(testApp, old);
    await requestAddressChange(testApp, old, fresh);
    if (name === 'asked') continue;
    await post(linkIn(await lastMail(testApp, fresh), 'manage'));
    await testApp.runDueJobs();
    if (name === 'returned') await post(linkIn(await lastMail(testApp, old), 'manage'));
    await testApp.runDueJobs();
  }
}
