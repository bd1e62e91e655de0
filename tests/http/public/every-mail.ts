import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { TestApp } from '../../support/test-app.js';
import { requestAddressChange, requestOneHourLink, findManageLink } from './manage/request-links.js';
import { createConfirmedReader, lastMail, linkIn, post, signUp } from '../../support/reader-actions.js';
import { DAY_MS } from '../../../src/platform/durations.js';

/** A reader has been asked, welcomed, told that she is subscribed, and sent an article; another one has been asked. */
export async function sendCommonMail(house: TestApp): Promise<void> {
  const publication = await house.createPublication();
  await createConfirmedReader(house, 'reader@example.com');
  house.advanceClock(2 * DAY_MS);
  await signUp(house, 'reader@example.com');
  await pushArticle(house.context, publication, {
    title: 'High water',
    url: 'https://lantern.example/high-water',
    content: '<p>It came at noon.</p>',
  });
  await house.runDueJobs();
  await signUp(house, 'other@example.com');
}

/** Readers in every state have been sent every kind of mail that leads to a page of ours. */
export async function sendEveryMail(house: TestApp): Promise<void> {
  await sendCommonMail(house);
  await stopped(house);
  await moved(house);
  await requestOneHourLink(house, 'reader@example.com');
}

/** One whose mail came back may set it going again. */
async function stopped(house: TestApp): Promise<void> {
  const { context } = house;
  const { subscription } = await createConfirmedReader(house, 'stopped@example.com');
  await context.db.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${context.hashAddress('stopped@example.com')}, ${subscription.publicationId}, 'bounced', ${context.now()})
  `);
  await post(`${await findManageLink(house, 'stopped@example.com')}/repair`);
  await house.runDueJobs();
}

/** One has moved, one has taken the move back, one was asked and has not answered. */
async function moved(house: TestApp): Promise<void> {
  for (const name of ['moved', 'returned', 'asked']) {
    const [old, fresh] = [`${name}@example.com`, `${name}.new@example.com`];
    await createConfirmedReader(house, old);
    await requestAddressChange(house, old, fresh);
    if (name === 'asked') continue;
    await post(linkIn(await lastMail(house, fresh), 'manage'));
    await house.runDueJobs();
    if (name === 'returned') await post(linkIn(await lastMail(house, old), 'manage'));
    await house.runDueJobs();
  }
}
