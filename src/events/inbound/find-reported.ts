import type { Context } from '../../platform/context.js';
import type { Report } from '../../platform/mail/reports/report.js';
import { readCandidates } from '../record/candidates.js';
import { findMails, type FoundMail } from '../record/find-mails.js';
import { matchEvent } from '../record/match.js';
import { nameEvent } from '../record/named-event.js';
import { readOurAddress, type AddressContext } from './our-addresses.js';
import { toEvents } from './to-events.js';

type FindContext = AddressContext & Pick<Context, 'db' | 'hashAddress'>;

/**
 * The mail of ours that each recipient of a report is about, if the report would count for it: of a delivery its digest and
 * subscription, 'DIGEST/SUBSCRIPTION', of a single mail its id. Changes nothing.
 */
export async function findReportedMails(
  context: FindContext,
  report: Report,
): Promise<(string | undefined)[]> {
  const now = context.now();
  const paths = report.returnPaths.filter((one) => readOurAddress(context, one)?.kind === 'return-path');
  const events = toEvents({ id: '', source: 'file', receivedAt: now }, report, paths);
  const candidates = events.map((event) => readCandidates(context, event, now));
  const found = await context.db.transaction((tx) => findMails(tx, candidates));
  const ids = events.map((event, at) => {
    const match = matchEvent(context, nameEvent(event), found[at], now);
    return match === 'delivery' || match === 'notice' ? idOf(found[at]) : undefined;
  });
  const count = report.recipients.length;
  return report.recipients.map((_one, at) =>
    ids.find((id, other) => other % count === at && id !== undefined),
  );
}

function idOf(found: FoundMail | undefined): string | undefined {
  if (found === undefined) return undefined;
  const { mail } = found;
  return 'noticeId' in mail ? mail.noticeId : `${mail.digestId}/${mail.subscriptionId}`;
}
