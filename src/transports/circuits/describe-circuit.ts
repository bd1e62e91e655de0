import { redactAddresses } from '../../platform/text/redact.js';
import { isOpen, WHOLE_SERVER, type Circuit, type CircuitWithTransport } from './circuit.js';

/** What the text for an operator depends on. */
export type DescribeOptions = {
  now: Date;
  /** A moment in the operator's time zone and language. */
  formatTime: (moment: Date) => string;
  /** How the operator closes the circuit on this page or in this mail: the end of a sentence, with its full stop. */
  resume: string;
};

/** Sentences for an operator: what happened, what became of the readers' mail, and what can be done. */
export function describeCircuit(circuit: CircuitWithTransport, options: DescribeOptions): string[] {
  return [describeCause(circuit), describeEffect(circuit), describeRemedy(circuit, options)];
}

/** Why one reader's mail is not sent yet. The circuit's reason is the reply to another reader's mail: addresses are redacted. */
export function blockedReason(
  { domain, kind, reason }: Pick<Circuit, 'domain' | 'kind' | 'reason'>,
  transport: string,
): string {
  const who = domain === WHOLE_SERVER ? `The mail server ${transport}` : domain;
  const why = kind === 'bounces' ? 'too many readers there are said not to exist' : redactAddresses(reason);
  return `${who} is left alone for now: ${why}`;
}

function describeCause({
  kind,
  domain,
  transport,
  replyCount,
  failureCount,
  reason,
}: CircuitWithTransport): string {
  const who = domain === WHOLE_SERVER ? `The mail server ${transport}` : `${domain} (through ${transport})`;
  const share = `${failureCount} of its last ${replyCount} answers`;
  switch (kind) {
    case 'refused':
      return `${who} refuses our mail: ${share} were about us, like this one: “${reason}”`;
    case 'throttled':
      return `${who} asks us to slow down: ${share} said so, like this one: “${reason}”`;
    case 'bounces':
      return `${who} says that ${percent(failureCount, replyCount)} of our readers there do not exist (${failureCount} of ${replyCount} within an hour), like this: “${reason}”`;
  }
}

function describeEffect({ kind, domain }: CircuitWithTransport): string {
  const where = domain === WHOLE_SERVER ? 'Mail through this server' : `Mail to ${domain}`;
  if (kind === 'bounces')
    return `${where} waits. So many at once are hardly all true: no reader was suppressed.`;
  return `${where} waits and is not lost. No reader was counted as bounced.`;
}

function describeRemedy(
  { kind, domain, closesAt, openCount }: CircuitWithTransport,
  { now, formatTime, resume }: DescribeOptions,
): string {
  if (kind === 'bounces')
    return `Find out whether the domain has a fault or the list is wrong. Then ${resume}`;
  if (closesAt === null)
    return `Mend what the answer names (often the login, the sender’s domain or a block list). Then ${resume}`;
  const next = isOpen({ closesAt }, now)
    ? `A few messages try it again at ${formatTime(closesAt)}.`
    : 'The next few messages try it again.';
  const again =
    openCount > 1 ? ` It was tried ${openCount - 1 === 1 ? 'once' : `${openCount - 1} times`} in vain.` : '';
  const advice =
    kind === 'throttled' && domain === WHOLE_SERVER ? ' A limit in SMTP_URL keeps us below its own.' : '';
  return `${next}${again}${advice} To send all of it now, ${resume}`;
}

/** Enough digits to show that it is above the limit. */
function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
