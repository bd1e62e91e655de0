import { findInboundMail, recordInboundResult } from '../../platform/mail/inbound/inbound-mails.js';
import { actingAs } from '../../platform/actor.js';
import { readMessage } from '../../platform/mail/reports/mime-parts.js';
import { readReport } from '../../platform/mail/reports/read-report.js';
import { isRowFault, faultCode } from '../../platform/process/row-fault.js';
import { findSubscriptionByNumber } from '../../subscribers/reads.js';
import { unsubscribe } from '../../subscribers/leave/unsubscribe.js';
import { recordEvents } from '../record/record-events.js';
import { readOurAddress, type OurAddress } from './our-addresses.js';
import { findOwnRecipients } from './own-recipients.js';
import { forwardToPublisher } from './forward.js';
import { ignored, type ReadContext, type ReadResult, type StoredMail } from './reading.js';
import { toEvents } from './to-events.js';

/** Raised when reports are understood in another way: `event reread` reads again what an older version has read. */
const PARSER_VERSION = 1;

/**
 * Reads a stored mail: records what it reports, ends the subscription whose address it came to, or passes on what a person wrote. One
 * that cannot be read is marked, and the others go on. It may run again: everything is done once.
 */
export async function readInbound(context: ReadContext, inboundMailId: string): Promise<void> {
  const { db, log, now } = context;
  const mail = await findInboundMail(db, inboundMailId);
  if (mail === undefined || mail.state !== 'waiting') return;
  const result = await readOrFail(context, mail);
  await db.transaction((tx) =>
    recordInboundResult(tx, mail, { ...result, parserVersion: PARSER_VERSION }, now()),
  );
  log.info({
    event: `inbound.${result.state}`,
    inboundMailId,
    ...(result.reason && { reason: result.reason }),
  });
}

async function readOrFail(context: ReadContext, mail: StoredMail): Promise<ReadResult> {
  try {
    return await readMail(context, mail);
  } catch (error) {
    if (!isRowFault(error)) throw error;
    context.log.error({ event: 'inbound.not-read', inboundMailId: mail.id, err: error });
    return { state: 'failed', reason: faultCode(error) };
  }
}

async function readMail(context: ReadContext, mail: StoredMail): Promise<ReadResult> {
  const message = readMessage(mail.raw);
  const own = findOwnRecipients(context, mail, message);
  if (await endSubscriptions(context, mail, own)) return { state: 'unsubscribed', reason: null };
  const report = readReport(mail.raw);
  if (report.kind === 'other') return forwardToPublisher(context, mail, { header: message.header, own });
  if (report.recipients.length === 0) return ignored('nothing-reported');
  const events = toEvents(mail, report, findReturnPaths(context, own, report.returnPaths));
  const { failures } = await recordEvents(context, events);
  if (failures[0] !== undefined) throw failures[0].error;
  return { state: 'recorded', reason: null };
}

/**
 * The token in the address is the proof, whoever the mail says that it is from. Whoever confirmed after it had come stays.
 * @returns whether it came to any such address
 */
async function endSubscriptions(
  context: ReadContext,
  { receivedAt }: StoredMail,
  own: readonly OurAddress[],
): Promise<boolean> {
  const addresses = own.filter((one) => one.kind === 'unsubscribe');
  for (const { subscriptionNumber } of addresses) {
    const subscription = await findSubscriptionByNumber(context.db, subscriptionNumber);
    if (subscription === undefined || (subscription.confirmedAt ?? receivedAt) > receivedAt) continue;
    await unsubscribe(actingAs(context, { kind: 'reader' }), subscription.id);
  }
  return addresses.length > 0;
}

/** Those it came to; where there is none, those of the mail that it returns. */
function findReturnPaths(
  context: ReadContext,
  own: readonly OurAddress[],
  inReport: readonly string[],
): string[] {
  const reached = own.filter(({ kind }) => kind === 'return-path').map(({ address }) => address);
  if (reached.length > 0) return reached;
  return inReport.filter((address) => readOurAddress(context, address)?.kind === 'return-path');
}
