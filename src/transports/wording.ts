import { WHOLE_SERVER, type ShownCircuit } from './circuit.js';

/**
 * A circuit for an operator's eyes: what happened, what became of the readers' mail, and what can be done.
 * @param at writes a moment the way the reader of this likes it
 */
export function describeCircuit(circuit: ShownCircuit, at: (moment: Date) => string): string[] {
  return [whatHappened(circuit), mailWaits(circuit), whatNow(circuit, at)];
}

function whatHappened({ kind, domain, transport, answers, against, reason }: ShownCircuit): string {
  const whole = domain === WHOLE_SERVER;
  const who = whole ? `The mail server ${transport}` : `${domain} (through ${transport})`;
  const share = `${against} of its last ${answers} answers`;
  switch (kind) {
    case 'refused':
      return `${who} refuses our mail: ${share} were about us, like this one: “${reason}”`;
    case 'throttled':
      return `${who} asks us to slow down: ${share} said so, like this one: “${reason}”`;
    case 'bounces':
      return `${who} says that ${percent(against, answers)} of our readers there do not exist (${against} of ${answers} within an hour), like this: “${reason}”`;
  }
}

function mailWaits({ kind, domain }: ShownCircuit): string {
  const where = domain === WHOLE_SERVER ? 'Mail through this server' : `Mail to ${domain}`;
  if (kind === 'bounces')
    return `${where} waits. So many at once are hardly all true: no reader was suppressed.`;
  return `${where} waits and is not lost. No reader was counted as bounced.`;
}

function whatNow({ kind, domain, closesAt, tries }: ShownCircuit, at: (moment: Date) => string): string {
  if (kind === 'bounces') return 'Find out whether the domain has a fault or the list is wrong, then resume.';
  if (closesAt === null)
    return 'Mend what the answer names (often the login, the sender’s domain or a block list), then resume.';
  const again = tries > 1 ? ` It was tried ${tries - 1 === 1 ? 'once' : `${tries - 1} times`} in vain.` : '';
  const advice =
    kind === 'throttled' && domain === WHOLE_SERVER ? ' A limit in SMTP_URL keeps us below its own.' : '';
  return `A few messages try it again at ${at(closesAt)}.${again}${advice} You can also resume it now.`;
}

/** Enough digits to show that it is above the limit. */
function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
