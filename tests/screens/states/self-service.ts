import { sql } from '../../../src/platform/db/sql.js';
import { findSubscriptionOf } from '../../../src/subscribers/reads.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { insertSuppression } from '../../../src/subscribers/suppression/writes.js';
import type { TestApp } from '../../support/test-app.js';
import { linkIn, locationOf, mailsTo, press, subscribe, type Mail } from './readers.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

/** Readers with self-service pages in every state. Returns the path of each state. */
export async function seedSelfServiceStates(testApp: TestApp, slug: string) {
  return {
    ...(await seedOneHourLinks(testApp, slug)),
    ...(await seedAddressChanges(testApp, slug)),
    ...(await seedSuppressed(testApp, slug)),
    ...(await seedErased(testApp, slug)),
  };
}

/** The mails about it, one of each kind. */
export async function selfServiceMails(testApp: TestApp): Promise<Mail[]> {
  const people = ['wanjiru.kamau', 'zawadi.of.the.old.harbour', 'otieno', 'neema'].map(
    (name) => `${name}@example.org`,
  );
  const all = [...people, 'zawadi.of.the.new.lighthouse@example.com', 'farida@example.com'];
  const mails = await Promise.all(all.map((email) => mailsTo(testApp, email)));
  return mails.flat();
}

async function seedOneHourLinks(testApp: TestApp, slug: string) {
  const reader = await read(testApp, slug, 'wanjiru.kamau@example.org');
  const ownNeeded = `${settings(testApp, reader)}/data`;
  const ownAsked = await press(testApp, `${settings(testApp, reader)}/link`);
  const own = ownLink(testApp, reader);
  const ownExpired = settings(testApp, reader, new Date(testApp.context.now().getTime() - 1000));
  return { ownNeeded, ownAsked, own, ownExpired, ownAddress: `${own}/address`, erase: `${own}/erase` };
}

async function seedAddressChanges(testApp: TestApp, slug: string) {
  const moving = await read(testApp, slug, 'zawadi.of.the.old.harbour@example.org');
  const ownPending = await askToMove(testApp, moving, 'zawadi.of.the.new.lighthouse@example.com');
  const addressConfirm = await confirmLink(testApp, 'zawadi.of.the.new.lighthouse@example.com');
  const addressCancel = await cancelLink(testApp, moving.email);
  const moved = await read(testApp, slug, 'otieno@example.org');
  await askToMove(testApp, moved, 'otieno@example.com');
  const addressConfirmed = await confirmLink(testApp, 'otieno@example.com');
  await press(testApp, addressConfirmed);
  const back = await read(testApp, slug, 'farida@example.org');
  await askToMove(testApp, back, 'farida@example.com');
  const addressTakenBack = await confirmLink(testApp, 'farida@example.com');
  const addressKept = await cancelLink(testApp, back.email);
  await press(testApp, addressTakenBack);
  await press(testApp, addressKept);
  const twice = await read(testApp, slug, 'lulu@example.org');
  await read(testApp, slug, 'lulu@example.com');
  testApp.advanceClock(61_000);
  await askToMove(testApp, twice, 'lulu@example.com');
  const addressMerged = await confirmLink(testApp, 'lulu@example.com');
  await press(testApp, addressMerged);
  await testApp.runDueJobs();
  const addressExpired = await expiredChange(testApp, moving);
  return {
    ...{ ownPending, addressConfirm, addressCancel, addressConfirmed, addressTakenBack, addressKept },
    ...{ addressMerged, addressExpired },
  };
}

async function seedSuppressed(testApp: TestApp, slug: string) {
  const bounced = await read(testApp, slug, 'juma@example.org');
  await stop(testApp, bounced, 'bounced');
  const complained = await read(testApp, slug, 'neema@example.org');
  await stop(testApp, complained, 'complained');
  const repairAsked = await press(testApp, `${settings(testApp, complained)}/repair`);
  await testApp.runDueJobs();
  const repair = `${await linkIn(testApp, complained.email, 'manage')}/repair/confirm`;
  const again = await read(testApp, slug, 'baraka@example.org');
  await stop(testApp, again, 'bounced');
  await press(testApp, `${settings(testApp, again)}/repair`);
  await testApp.runDueJobs();
  const repaired = `${await linkIn(testApp, again.email, 'manage')}/repair/confirm`;
  await press(testApp, repaired);
  return { stoppedBounced: settings(testApp, bounced), repairAsked, repair, repaired };
}

async function seedErased(testApp: TestApp, slug: string) {
  const reader = await read(testApp, slug, 'gone.for.good@example.org');
  const own = ownLink(testApp, reader);
  return { erased: await press(testApp, `${own}/erase`) };
}

async function read(testApp: TestApp, slug: string, email: string): Promise<Subscription> {
  await subscribe(testApp, slug, email);
  const { db } = testApp.context;
  const { id } = await db.one<{ id: string }>(sql`select id from publications where slug = ${slug}`);
  const reader = await findSubscriptionOf(db, id, email);
  if (reader === undefined) throw new Error(`${email} is no reader`);
  return reader;
}

/** The settings link of her mails; with a date, the one-hour link that expires then. */
function settings({ context }: TestApp, reader: Subscription, expiresAt?: Date): string {
  const { publicationId: scope, id: subject, generation } = reader;
  const claims = { scope, subject, number: generation, ...(expiresAt === undefined ? {} : { expiresAt }) };
  return `/manage/${context.links.sign(expiresAt === undefined ? 'manage' : 'manage-own', claims)}`;
}

function ownLink(testApp: TestApp, reader: Subscription): string {
  return settings(testApp, reader, new Date(testApp.context.now().getTime() + HOUR_MS));
}

async function askToMove(testApp: TestApp, reader: Subscription, email: string): Promise<string> {
  const path = `${ownLink(testApp, reader)}/address`;
  const body = new URLSearchParams({ email });
  const answer = await fetch(testApp.url + path, { method: 'POST', body, redirect: 'manual' });
  await testApp.runDueJobs();
  return locationOf(testApp, answer.headers.get('location'));
}

async function confirmLink(testApp: TestApp, email: string): Promise<string> {
  return `${await linkIn(testApp, email, 'manage')}/address/confirm`;
}

async function cancelLink(testApp: TestApp, email: string): Promise<string> {
  return `${await linkIn(testApp, email, 'manage')}/address/cancel`;
}

/** The link of a change that nobody confirmed in time. */
async function expiredChange({ context }: TestApp, { id, publicationId }: Subscription): Promise<string> {
  const { db, links, now } = context;
  const change = await db.one<{ id: string }>(
    sql`select id from address_changes where subscription_id = ${id}`,
  );
  const claims = {
    scope: publicationId,
    subject: change.id,
    expiresAt: new Date(now().getTime() - 1000),
  };
  return `/manage/${links.sign('address-confirm', claims)}/address/confirm`;
}

async function stop(
  { context }: TestApp,
  { publicationId, emailKey }: Subscription,
  reason: 'bounced' | 'complained',
): Promise<void> {
  const { db, hashAddress, now } = context;
  await db.transaction((tx) => insertSuppression(tx, hashAddress(emailKey), publicationId, reason, now()));
}
