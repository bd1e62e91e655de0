import { pushArticle } from '../../src/articles/push.js';
import { sql } from '../../src/platform/db/sql.js';
import type { House } from '../support/house.js';
import { askToMove, ownLink, settingsLink } from './own-links.js';
import { confirmedReader, DAY_MS, lastMail, linkIn, post, signUp } from './reader.js';

/** A reader has been asked, welcomed, told that she is subscribed, and sent an article; another one has been asked. */
export async function usualMail(house: House): Promise<void> {
  const publication = await house.publish();
  await confirmedReader(house, 'reader@example.com');
  house.pass(2 * DAY_MS);
  await signUp(house, 'reader@example.com');
  await pushArticle(house.context, publication, {
    title: 'High water',
    url: 'https://lantern.example/high-water',
    content: '<p>It came at noon.</p>',
  });
  await house.work();
  await signUp(house, 'other@example.com');
}

/** Readers in every state have been sent every kind of mail that leads to a page of ours. */
export async function everyMail(house: House): Promise<void> {
  await usualMail(house);
  await stopped(house);
  await moved(house);
  await ownLink(house, 'reader@example.com');
}

/** One whose mail came back may set it going again. */
async function stopped(house: House): Promise<void> {
  const { context } = house;
  const { subscription } = await confirmedReader(house, 'stopped@example.com');
  await context.db.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${context.hashAddress('stopped@example.com')}, ${subscription.publicationId}, 'bounced', ${context.now()})
  `);
  await post(`${await settingsLink(house, 'stopped@example.com')}/repair`);
  await house.work();
}

/** One has moved, one has taken the move back, one was asked and has not answered. */
async function moved(house: House): Promise<void> {
  for (const name of ['moved', 'returned', 'asked']) {
    const [old, fresh] = [`${name}@example.com`, `${name}.new@example.com`];
    await confirmedReader(house, old);
    await askToMove(house, old, fresh);
    if (name === 'asked') continue;
    await post(linkIn(await lastMail(house, fresh), 'manage'));
    await house.work();
    if (name === 'returned') await post(linkIn(await lastMail(house, old), 'manage'));
    await house.work();
  }
}
