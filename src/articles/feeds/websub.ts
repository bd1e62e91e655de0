import { DAY_MS } from '../../platform/durations.js';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import { runForRow } from '../../platform/jobs/isolated-run.js';
import { pollSoon } from './poll-soon.js';
import { type Feed } from './feed.js';
import { claimHubSubscription, clearValidators, recordHubVerification } from './hub-writes.js';
import { hubRenewalCutoffs } from './hub.js';
import { findFeed } from './reads.js';

/** The lease we request, and the longest that we accept. */
const LEASE_SECONDS = 10 * 24 * 3600;
const MAX_LEASE_SECONDS = 30 * 24 * 3600;
/** Hubs verify within minutes. A verification that comes later belongs to no request of ours. */
const MAX_VERIFICATION_DELAY_MS = DAY_MS;

/**
 * Requests a subscription at a feed's hub (W3C WebSub 5.1), which the hub then verifies at our callback. Not requested
 * where our own address is local: a hub on the internet could not reach it.
 */
export async function subscribeToHub(context: HubContext, feedId: string): Promise<void> {
  const feed = await findFeed(context.db, feedId);
  if (feed === undefined) return;
  const row = { kind: 'feed' as const, rowId: feedId, publicationId: feed.publicationId };
  await runForRow(context, 'subscribe-hub', row, () => requestSubscription(context, feedId));
}

async function requestSubscription(
  { db, now, log, links, publicUrl, fetchPage }: HubContext,
  feedId: string,
): Promise<void> {
  const hub = await db.transaction((tx) =>
    claimHubSubscription(tx, feedId, links.keyId, hubRenewalCutoffs(now()), now()),
  );
  if (hub === undefined || (isLocalUrl(publicUrl) && !isLocalUrl(hub.url))) return;
  const answer = await fetchPage(hub.url, {
    form: {
      'hub.mode': 'subscribe',
      'hub.topic': hub.topic,
      'hub.callback': `${publicUrl}/websub/${feedId}`,
      'hub.lease_seconds': String(LEASE_SECONDS),
      'hub.secret': hubSecretOf({ links }, { id: feedId, publicationId: hub.publicationId }, links.keyId),
    },
  });
  if (answer.kind !== 'fetched') log.warn({ event: 'websub.subscribe-failed', feedId, answer: answer.kind });
}

type HubContext = Pick<Context, 'db' | 'now' | 'log' | 'links' | 'publicUrl' | 'fetchPage'>;

/** What a hub asks at the callback (WebSub 5.3): its query. */
export type HubVerification = { mode: string; topic: string; challenge: string; leaseSeconds: number };

/** True when we have asked for this: the caller then answers the challenge. */
export function verifyHubSubscription(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feedId: string,
  { mode, topic, leaseSeconds }: HubVerification,
): Promise<boolean> {
  const seconds = Math.min(Math.max(leaseSeconds, 60), MAX_LEASE_SECONDS);
  const until = mode === 'subscribe' ? new Date(now().getTime() + seconds * 1000) : null;
  const askedSince = new Date(now().getTime() - MAX_VERIFICATION_DELAY_MS);
  return db.transaction(
    async (tx) => (await recordHubVerification(tx, feedId, { topic, until }, askedSince)) > 0,
  );
}

/**
 * A hub's notification of something new, if it is signed with the secret that only this hub has (WebSub 7.1). What it says is
 * not used: the publisher's own feed is polled, under the usual rules. False: the signature is wrong.
 * @param body is read only when there is a signature to compare, and never held
 */
export async function acceptHubNotification(
  context: Pick<Context, 'db' | 'now' | 'links'>,
  feed: Feed,
  signature: string | undefined,
  body: AsyncIterable<Buffer>,
): Promise<boolean> {
  const signed = parseSignature(signature);
  if (feed.hubKeyId === null || signed === undefined) return false;
  if (!(await isSignatureValid(hubSecretOf(context, feed, feed.hubKeyId), signed, body))) return false;
  await context.db.transaction((tx) => clearValidators(tx, feed.id));
  await pollSoon(context, feed);
  return true;
}

/** The secret that only the hub and we know. It changes with the signing key. */
function hubSecretOf(
  { links }: Pick<Context, 'links'>,
  { id, publicationId }: Pick<Feed, 'id' | 'publicationId'>,
  keyId: string,
): string {
  return links.sign('websub', { scope: publicationId, subject: id }, keyId);
}

const SIGNATURE_METHODS = new Set(['sha1', 'sha256', 'sha384', 'sha512']);

type Signature = { method: string; digest: Buffer };

/** `sha256=…`; undefined for anything that cannot be the signature of a body. */
function parseSignature(header: string | undefined): Signature | undefined {
  const [method = '', digest = ''] = (header ?? '').toLowerCase().split('=', 2);
  if (!SIGNATURE_METHODS.has(method) || !/^(?:[0-9a-f]{2})+$/.test(digest)) return undefined;
  return { method, digest: Buffer.from(digest, 'hex') };
}

/** Over the body as it came. */
async function isSignatureValid(
  secret: string,
  { method, digest }: Signature,
  body: AsyncIterable<Buffer>,
): Promise<boolean> {
  const hmac = createHmac(method, secret);
  for await (const chunk of body) hmac.update(chunk);
  const expected = hmac.digest();
  return digest.length === expected.length && timingSafeEqual(digest, expected);
}

function isLocalUrl(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
