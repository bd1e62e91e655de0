import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { INBOUND_RETENTION_DAYS } from '../../platform/mail/inbound/inbound-mail.js';
import { MailboxError, withMailbox, type OpenMailbox } from '../../platform/mail/inbound/imap-mailbox.js';
import { parseImapUrl, type ImapAccount } from '../../platform/mail/inbound/imap-url.js';
import {
  advanceMailbox,
  findMailbox,
  recordMailboxFailure,
  recordMailboxRead,
  startMailbox,
} from '../../platform/mail/inbound/mailboxes.js';
import { findMailHold } from '../../platform/restore/installation.js';
import { receiveMail } from './receive-mail.js';

type PollContext = Pick<Context, 'config' | 'db' | 'log' | 'now' | 'stopping'>;

const BATCH_SIZE = 50;

/**
 * Stores what is new in the mailbox of IMAP_URL. Nothing is changed in it, unless `delete=true` says that what is stored may go.
 * That it cannot be read is recorded, for the Health page, `doctor` and an alert.
 */
export async function pollMailbox(context: PollContext): Promise<void> {
  const { config, db, log, now, stopping } = context;
  if (config.imapUrl === undefined) return;
  const account = await mailboxOf(db, config.imapUrl);
  const { key, name } = account;
  const before = await findMailbox(db, key);
  try {
    await withMailbox(account, stopping, (mailbox) => storeNewMails(context, account, mailbox));
  } catch (error) {
    if (!(error instanceof MailboxError)) throw error;
    if (stopping.aborted) return;
    const { failure, reason } = error;
    if (before?.failure !== failure)
      log.warn({ event: 'mailbox.unreadable', mailbox: name, failure, reason });
    return recordMailboxFailure(db, { key, name, failure, reason }, now());
  }
  await recordMailboxRead(db, key, now());
  if (before !== undefined && before.failure !== null) log.info({ event: 'mailbox.readable', mailbox: name });
}

/** A database that is a copy may not empty the mailbox of the one that it was copied from. */
async function mailboxOf(db: PollContext['db'], imapUrl: string): Promise<ImapAccount> {
  const account = parseImapUrl(imapUrl);
  return { ...account, deletes: account.deletes && (await findMailHold(db)) === undefined };
}

/** In the order of UIDs, so that what is up to the last one is stored. */
async function storeNewMails(
  context: PollContext,
  account: ImapAccount,
  mailbox: OpenMailbox,
): Promise<void> {
  const { db, now, stopping } = context;
  const { uidValidity } = mailbox;
  const { lastUid } = await db.transaction((tx) => startMailbox(tx, { ...account, uidValidity }));
  const since = new Date(now().getTime() - INBOUND_RETENTION_DAYS * DAY_MS);
  // What is still there although it may go was left by a run that ended early. Of others, older mail would be taken for new.
  const uids = account.deletes ? await mailbox.listUids(1) : await mailbox.listUids(lastUid + 1, since);
  for (let at = 0; at < uids.length && !stopping.aborted; at += BATCH_SIZE) {
    const batch = uids.slice(at, at + BATCH_SIZE);
    const whole = await storeBatch(context, mailbox, batch, lastUid);
    const uid = Math.max(lastUid, ...batch);
    await db.transaction((tx) => advanceMailbox(tx, { key: account.key, uidValidity, uid }));
    if (account.deletes && whole.length > 0) await mailbox.delete(whole);
  }
}

/**
 * A mail that is too large is stored as far as it goes, once, and stays in the mailbox.
 * @returns the UIDs of those that are stored as a whole
 */
async function storeBatch(
  context: PollContext,
  mailbox: OpenMailbox,
  uids: readonly number[],
  lastUid: number,
): Promise<number[]> {
  const large = new Set(await mailbox.listLarge(uids));
  const wanted = uids.filter((uid) => uid > lastUid || !large.has(uid));
  const missing = new Set(wanted);
  if (wanted.length === 0) return [];
  for await (const { uid, raw, isWhole } of mailbox.fetch(wanted)) {
    missing.delete(uid);
    if (!isWhole) large.add(uid);
    await receiveMail(context, { source: 'imap', raw, envelopeFrom: null, envelopeTo: [] });
  }
  const { log } = context;
  for (const uid of wanted.filter((one) => large.has(one))) log.warn({ event: 'inbound.cut-off', uid });
  for (const uid of missing) log.warn({ event: 'inbound.not-fetched', uid });
  return wanted.filter((uid) => !large.has(uid) && !missing.has(uid));
}
