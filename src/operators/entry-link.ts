import { randomBytes } from 'node:crypto';
import type { Context } from '../platform/context.js';
import { hashSecret } from './api-token.js';
import { insertLink, useLink } from './writes.js';

const LINK_LIVES_MS = 15 * 60_000;

/** A link into the operator's pages: works once, for a quarter of an hour, and is kept only as a hash. */
export async function createEntryLink({
  db,
  now,
  publicUrl,
}: Pick<Context, 'db' | 'now' | 'publicUrl'>): Promise<string> {
  const secret = randomBytes(24).toString('base64url');
  const expiresAt = new Date(now().getTime() + LINK_LIVES_MS);
  await db.transaction((tx) => insertLink(tx, hashSecret(secret), expiresAt));
  return `${publicUrl}/operator/enter/${secret}`;
}

/** Uses a link up. False when it was used before, is too old, or never was one. */
export async function consumeEntryLink(
  { db, now }: Pick<Context, 'db' | 'now'>,
  secret: string,
): Promise<boolean> {
  return (await db.transaction((tx) => useLink(tx, hashSecret(secret), now()))) > 0;
}
