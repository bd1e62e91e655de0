import { saysSignedTwice, saysUnverified } from '../../platform/mail/classify/bounce-rules.js';
import { normalizedText } from '../../platform/mail/classify/parse-reply.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { saysBadCertificate, saysBadLogin } from '../../platform/mail/smtp/connection-failure.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { isUnreachable, isWholeServer, type Circuit, type CircuitWithTransport } from './circuit.js';

/** What the text for an operator depends on. */
export type DescribeOptions = {
  now: Date;
  /** A moment in the operator's time zone and language. */
  formatTime: (moment: Date) => string;
  /** How the operator closes the circuit on this page or in this mail: the end of a sentence, with its full stop. */
  resume: string;
  words: OperatorWords;
};

/** Sentences for an operator: what happened, what became of the readers' mail, and what can be done. */
export function describeCircuit(circuit: CircuitWithTransport, options: DescribeOptions): string[] {
  const { kind, domain, transport, replyCount, failureCount, reason } = circuit;
  const { words } = options;
  const where = isWholeServer(circuit) ? 'server' : 'domain';
  const values = { domain, transport, replyCount, failureCount, reason };
  if (isUnreachable(circuit)) return describeUnreachable(circuit, options);
  return [
    words(`circuit.${where}.${kind}`, { ...values, percent: percent(failureCount, replyCount) }),
    words(`circuit.${where}.${kind === 'bounces' ? 'waitsForOperator' : 'waits'}`, { domain }),
    describeRemedy(circuit, options),
  ];
}

/** What mends what a mail server complains of, here or at the provider, in a sentence; undefined where that is not known. */
export function describeSettingRemedy(reason: string, words: OperatorWords): string | undefined {
  const text = normalizedText(reason);
  if (saysUnverified(text)) return words('circuit.remedy.unverified');
  return saysSignedTwice(text) ? words('circuit.remedy.signedTwice') : undefined;
}

function describeUnreachable(circuit: CircuitWithTransport, options: DescribeOptions): string[] {
  const { transport, reason, waiting = 0, openedAt } = circuit;
  const { words, formatTime } = options;
  const since = formatTime(openedAt);
  return [
    words('circuit.server.unreachable', { transport, reason }),
    ...(waiting === 0 ? [] : [words('circuit.waiting', { count: waiting, since })]),
    words('circuit.server.waits'),
    words(`circuit.remedy.${unreachableRemedy(reason)}`),
    [...describeNextTry(circuit, options), words('circuit.remedy.now', { resume: options.resume })].join(' '),
  ];
}

function unreachableRemedy(reason: string): 'certificate' | 'login' | 'connection' {
  if (saysBadCertificate(reason)) return 'certificate';
  return saysBadLogin(reason) ? 'login' : 'connection';
}

function describeRemedy(circuit: CircuitWithTransport, options: DescribeOptions): string {
  const setting = describeSettingRemedy(circuit.reason, options.words);
  return [...(setting === undefined ? [] : [setting]), describeChoice(circuit, options)].join(' ');
}

function describeChoice(circuit: CircuitWithTransport, options: DescribeOptions): string {
  const { kind, closesAt } = circuit;
  const { resume, words } = options;
  if (kind === 'bounces') return words('circuit.remedy.bounces', { resume });
  if (closesAt === null) return words('circuit.remedy.refused', { resume });
  return [
    ...describeNextTry(circuit, options),
    ...(kind === 'throttled' && isWholeServer(circuit) ? [words('circuit.remedy.limit')] : []),
    words('circuit.remedy.now', { resume }),
  ].join(' ');
}

/** When it is tried again, and how often it was before. */
function describeNextTry(
  { closesAt, openCount }: Pick<Circuit, 'closesAt' | 'openCount'>,
  { now, formatTime, words }: DescribeOptions,
): string[] {
  return [
    closesAt !== null && closesAt > now
      ? words('circuit.remedy.probesAt', { time: formatTime(closesAt) })
      : words('circuit.remedy.probesNext'),
    ...(openCount > 1 ? [words('circuit.remedy.inVain', { count: openCount - 1 })] : []),
  ];
}

/** Enough digits to show that it is above the limit. */
function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/**
 * Why one reader's mail is not sent yet, as it is stored beside the replies of mail servers. The circuit's reason is the
 * reply to another reader's mail: addresses are redacted.
 */
export function blockedReason(
  { domain, kind, reason }: Pick<Circuit, 'domain' | 'kind' | 'reason'>,
  transport: string,
): string {
  const who = isWholeServer({ domain }) ? `The mail server ${transport}` : domain;
  const why = kind === 'bounces' ? 'too many readers there are said not to exist' : redactAddresses(reason);
  return `${who} is left alone for now: ${why}`;
}
