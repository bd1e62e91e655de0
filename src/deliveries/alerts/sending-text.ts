import type { Digest } from '../../digests/digest.js';
import { digestName } from '../../digests/display-name.js';
import { describeStateReason } from '../../digests/state-reason.js';
import { formatDateTime } from '../../platform/text/format-dates.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import {
  isUnreachable,
  isWholeServer,
  type CircuitWithTransport,
} from '../../transports/circuits/circuit.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { describeCircuit } from '../../transports/circuits/describe-circuit.js';
import type { CauseOf, AlertContent, AlertTextContext } from './content.js';

/** A digest that an operator must approve before anybody is mailed. */
export function describeHeldDigest(
  { digest }: CauseOf<'held-digest'>,
  { publication, t, words }: AlertTextContext,
): AlertContent {
  return {
    subject: t('held.subject', { publication: publication.name }),
    title: t('held.title'),
    says: [t('held.what', { digest: nameOf(digest, words) }), t('held.mail')],
    reason: describeStateReason(digest, words),
    choices: [t('held.approve'), t(`held.cancel.${cancellationKind(digest)}`)],
    path: pathOf(digest),
    button: t('decide'),
    commands: commandsFor(['approve', 'cancel'], digest),
  };
}

/** What cancelling one that nobody was planned for means for its articles. */
function cancellationKind({ cadence }: Digest): 'operator' | 'instant' | 'rhythm' {
  return cadence === 'operator' || cadence === 'instant' ? cadence : 'rhythm';
}

/** One that a mail server stopped on its way. */
export function describePausedDigest(
  { digest }: CauseOf<'paused-digest'>,
  { publication, t, words }: AlertTextContext,
): AlertContent {
  return {
    subject: t('paused.subject', { publication: publication.name }),
    title: t('paused.title'),
    says: [t('paused.what', { digest: nameOf(digest, words) }), t('paused.mail')],
    reason: redactAddresses(describeStateReason(digest, words) ?? ''),
    choices: [t('paused.resume'), t('paused.cancel')],
    path: pathOf(digest),
    button: t('decide'),
    commands: commandsFor(['resume', 'cancel'], digest),
  };
}

/** More are not named: one mail is read, a list of twenty is not. */
const MAX_NAMES = 5;

/** A server, or one domain behind it, that refuses us; or a server that could not be reached and can again. */
export function describeOpenCircuit(cause: CauseOf<'open-circuit'>, context: AlertTextContext): AlertContent {
  const { circuit, paused } = cause;
  const { publication, now, t, words } = context;
  if (circuit.closedAt !== null) return describePastOutage(circuit, circuit.closedAt, context);
  const isWhole = isWholeServer(circuit);
  const at = (moment: Date) => formatDateTime(moment, publication.timezone, 'en');
  const reason = redactAddresses(circuit.reason);
  const says = describeCircuit(
    { ...circuit, reason },
    { now, formatTime: at, resume: t('circuit.resume'), words },
  );
  const [first] = paused;
  const names = paused.slice(0, MAX_NAMES).map((digest) => `“${nameOf(digest, words)}”`);
  const server = isWhole ? circuit.transport : `${circuit.transport} --domain ${circuit.domain}`;
  return {
    ...headingsOf(circuit, t),
    says: [
      ...says,
      ...(first === undefined
        ? []
        : [t('circuit.paused', { count: paused.length, names: names.join(', ') })]),
    ],
    reason: null,
    choices: first === undefined ? [] : [t('circuit.resumeDigest')],
    path: first === undefined ? `/operator/publications/${publication.slug}` : pathOf(first),
    button: t('decide'),
    commands:
      first === undefined
        ? [`npx paperround transport resume ${server}`]
        : paused.slice(0, MAX_NAMES).flatMap((digest) => commandsFor(['resume'], digest)),
  };
}

/** The mail about it could not leave before it was over. */
function describePastOutage(
  { transport, reason, openedAt }: CircuitWithTransport,
  endedAt: Date,
  { publication, t }: AlertTextContext,
): AlertContent {
  const at = (moment: Date) => formatDateTime(moment, publication.timezone, 'en');
  const times = { from: at(openedAt), to: at(endedAt) };
  return {
    subject: t('circuit.subjectPast', { who: transport }),
    title: t('circuit.titlePast'),
    says: [
      t('circuit.past', { transport, reason: redactAddresses(reason), ...times }),
      t('circuit.pastMail'),
      t('circuit.pastNext'),
    ],
    reason: null,
    choices: [],
    path: `/operator/publications/${publication.slug}`,
    button: t('look'),
    commands: ['npx paperround transport list'],
  };
}

function headingsOf(
  circuit: CircuitWithTransport,
  t: AlertTextContext['t'],
): Pick<AlertContent, 'subject' | 'title'> {
  const kind = isWholeServer(circuit) ? (isUnreachable(circuit) ? 'Unreachable' : '') : 'Domain';
  const who = isWholeServer(circuit) ? circuit.transport : circuit.domain;
  return { subject: t(`circuit.subject${kind}`, { who }), title: t(`circuit.title${kind}`, { who }) };
}

function nameOf(digest: Digest, words: OperatorWords): string {
  return digestName(digest, digest.subject, words);
}

function pathOf({ id }: Digest): string {
  return `/operator/digests/${id}`;
}

function commandsFor(verbs: readonly string[], { id }: Digest): string[] {
  return verbs.map((verb) => `npx paperround digest ${verb} ${id}`);
}
