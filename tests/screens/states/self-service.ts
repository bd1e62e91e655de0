import { sql } from '../../../src/platform/db/sql.js';
import { findSubscriptionOf } from '../../../src/subscribers/reads.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { insertSuppression } from '../../../src/subscribers/suppression/writes.js';
import type { TestApp } from '../../support/test-app.js';
import { linkIn, mailsTo, press, subscribe, type Mail } from './readers.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

/** Readers who ask about themselves: where each state of their pages is found. */
export async function seedSelfServiceStates(house: TestApp, slug: string) {
  return {
    ...(await seedOneHourLinks(house, slug)),
    ...(await seedAddressChanges(house, slug)),
    ...(await seedSuppressed(house, slug)),
    ...(await seedErased(house, slug)),
  };
}

/** What they were mailed about it, one of each kind. */
export async function selfServiceMails(house: TestApp): Promise<Mail[]> {
  const people = ['wanjiru.kamau', 'zawadi.of.the.old.harbour', 'otieno', 'neema'].map(
    (name) => `${name}@example.org`,
  );
  const all = [...people, 'zawadi.of.the.new.lighthouse@example.com', 'farida@example.com'];
  const mails = await Promise.all(all.map((email) => mailsTo(house, email)));
  return mails.flat();
}

async function seedOneHourLinks(house: TestApp, slug: string) {
  const reader = await read(house, slug, 'wanjiru.kamau@example.org');
  const ownNeeded = `${settings(house, reader)}/data`;
  const ownAsked = await press(house, `${settings(house, reader)}/link`);
  const own = ownLink(house, reader);
  const ownExpired = settings(house, reader, new Date(house.context.now().getTime() - 1000));
  return { ownNeeded, ownAsked, own, ownExpired, ownAddress: `${own}/address`, erase: `${own}/erase` };
}

async function seedAddressChanges(house: TestApp, slug: string) {
  const moving = await read(house, slug, 'zawadi.of.the.old.harbour@example.org');
  const ownPending = await askToMove(house, moving, 'zawadi.of.the.new.lighthouse@example.com');
  const addressConfirm = await confirmLink(house, 'zawadi.of.the.new.lighthouse@example.com');
  const addressCancel = await cancelLink(house, moving.email);
  const moved = await read(house, slug, 'otieno@example.org');
  await askToMove(house, moved, 'otieno@example.com');
  const addressConfirmed = await confirmLink(house, 'otieno@example.com');
  await press(house, addressConfirmed);
  const back = await read(house, slug, 'farida@example.org');
  await askToMove(house, back, 'farida@example.com');
  const addressTakenBack = await confirmLink(house, 'farida@example.com');
  const addressKept = await cancelLink(house, back.email);
  await press(house, addressTakenBack);
  await press(house, addressKept);
  const twice = await read(house, slug, 'lulu@example.org');
  await read(house, slug, 'lulu@example.com');
  house.advanceClock(61_000);
  await askToMove(house, twice, 'lulu@example.com');
  const addressMerged = await confirmLink(house, 'lulu@example.com');
  await press(house, addressMerged);
  await house.runDueJobs();
  const addressExpired = await expiredChange(house, moving);
  return {
    ...{ ownPending, addressConfirm, addressCancel, addressConfirmed, addressTakenBack, addressKept },
    ...{ addressMerged, addressExpired },
  };
}

async function seedSuppressed(house: TestApp, slug: string) {
  const bounced = await read(house, slug, 'juma@example.org');
  await stop(house, bounced, 'bounced');
  const complained = await read(house, slug, 'neema@example.org');
  await stop(house, complained, 'complained');
  const repairAsked = await press(house, `${settings(house, complained)}/repair`);
  await house.runDueJobs();
  const repair = `${await linkIn(house, complained.email, 'manage')}/repair/confirm`;
  const again = await read(house, slug, 'baraka@example.org');
  await stop(house, again, 'bounced');
  await press(house, `${settings(house, again)}/repair`);
  await house.runDueJobs();
  const repaired = `${await linkIn(house, again.email, 'manage')}/repair/confirm`;
  await press(house, repaired);
  return { stoppedBounced: settings(house, bounced), repairAsked, repair, repaired };
}

async function seedErased(house: TestApp, slug: string) {
  const reader = await read(house, slug, 'gone.for.good@example.org');
  const own = ownLink(house, reader);
  return { erased: await press(house, `${own}/erase`) };
}

async function read(house: TestApp, slug: string, email: string): Promise<Subscription> {
  await subscribe(house, slug, email);
  const { db } = house.context;
  const { id } = await db.one<{ id: string }>(sql`select id from publications where slug = ${slug}`);
  const reader = await findSubscriptionOf(db, id, email);
  if (reader === undefined) throw new Error(`${email} is no reader`);
  return reader;
}

/** The settings link of her mails; with a date, the one that was hers alone until then. */
function settings({ context }: TestApp, reader: Subscription, expiresAt?: Date): string {
  const { publicationId: scope, id: subject, generation } = reader;
  const claims = { scope, subject, generation, ...(expiresAt === undefined ? {} : { expiresAt }) };
  return `/manage/${context.links.sign(expiresAt === undefined ? 'manage' : 'manage-own', claims)}`;
}

function ownLink(house: TestApp, reader: Subscription): string {
  return settings(house, reader, new Date(house.context.now().getTime() + HOUR_MS));
}

async function askToMove(house: TestApp, reader: Subscription, email: string): Promise<string> {
  const path = `${ownLink(house, reader)}/address`;
  const body = new URLSearchParams({ email });
  const answer = await fetch(house.url + path, { method: 'POST', body, redirect: 'manual' });
  await house.runDueJobs();
  return answer.headers.get('location') ?? '';
}

async function confirmLink(house: TestApp, email: string): Promise<string> {
  return `${await linkIn(house, email, 'manage')}/address/confirm`;
}

async function cancelLink(house: TestApp, email: string): Promise<string> {
  return `${await linkIn(house, email, 'manage')}/address/cancel`;
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
