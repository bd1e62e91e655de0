import { MINUTE_MS } from '../../platform/durations.js';
import type { LoggedEvent } from '../../platform/log.js';

const eventMessages: Record<string, (event: LoggedEvent) => string> = {
  'notice.accepted': ({ kind }) => `A mail went out: ${String(kind)}.`,
  'notice.rejected': ({ kind }) => `A mail could not be delivered: ${String(kind)}.`,
  'digest.handed-over': ({ accepted }) =>
    accepted === 1 ? 'A digest reached a reader.' : `A digest reached ${String(accepted)} readers.`,
  'digest.paused': ({ reason }) =>
    `A digest was paused, since no mail server takes our mail: ${String(reason)}`,
  'clock.disagrees': ({ aheadMs }) =>
    `The clock of this machine and the database’s differ by ${Math.round(Math.abs(Number(aheadMs)) / MINUTE_MS)} minutes: nothing is planned or sent until they agree.`,
  'clock.agrees': () => 'The clocks agree again, and all goes on.',
  'database.restored': () =>
    'The database was restored from an older copy, or is a copy: mail is held. See: npx paperround after-restore show',
  'circuit.opened': ({ says, transport, reason }) =>
    typeof says === 'string'
      ? says
      : `Mail is not sent through ${String(transport)} for now: ${String(reason)}`,
  'circuit.only-here': ({ transport, reason }) =>
    `This worker cannot reach ${String(transport)}, though another can: ${String(reason)}`,
  'circuit.recovered': ({ transport }) => `Mail goes through ${String(transport)} again.`,
  'outbox-relay.unavailable': ({ reason }) => `No job is run and no mail is sent for now: ${String(reason)}`,
  'outbox-relay.available': () => 'Jobs are run again.',
  'queue.evicts': ({ says }) => String(says),
  'mail-log.unreadable': ({ says }) => String(says),
  'delivery.rejected': () =>
    'A digest could not be delivered to a reader: her mail server refused it, or kept delaying it.',
  'job.failed': ({ name }) => `A job failed and will be tried again: ${String(name)}. The log says why.`,
  'http.error': ({ reference }) => `A page failed. Look for reference ${String(reference)} in the log.`,
};

/** Prints the few log events that a person at the terminal should see, one line each. */
export function createEventPrinter(printLine: (line: string) => void): (event: LoggedEvent) => void {
  return (event) => {
    const sentence = eventMessages[event.event]?.(event);
    if (sentence === undefined) return;
    const time = new Date().toTimeString().slice(0, 8);
    printLine(`${time}  ${sentence}`);
  };
}
