import type { Digest } from '../../digests/digest.js';
import { digestName } from '../../digests/display-name.js';
import { describeStateReason } from '../../digests/state-reason.js';
import { formatDateTime } from '../../platform/text/format-dates.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { isUnreachable, isWholeServer, type Circuit } from '../../transports/circuits/circuit.js';
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

/** A server, or one domain behind it, that refuses us. */
export function describeOpenCircuit(
  { circuit, paused }: CauseOf<'open-circuit'>,
  { publication, now, t, words }: AlertTextContext,
): AlertContent {
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
    subject: t(isWhole ? 'circuit.subject' : 'circuit.subjectDomain', {
      who: isWhole ? circuit.transport : circuit.domain,
    }),
    title: titleOf(circuit, t),
    says: [
      ...says,
      ...(first === undefined
        ? []
        : [t('circuit.paused', { count: paused.length, names: names.join(', ') })]),
    ],
    reason: null,
    choices: first === undefined ? [] : [t('circuit.resumeDigest')],
    path: first === undefined ? `/operator?publication=${publication.slug}` : pathOf(first),
    button: t('decide'),
    commands:
      first === undefined
        ? [`npx paperround transport resume ${server}`]
        : paused.slice(0, MAX_NAMES).flatMap((digest) => commandsFor(['resume'], digest)),
  };
}

function titleOf(circuit: Circuit, t: AlertTextContext['t']): string {
  if (isUnreachable(circuit)) return t('circuit.titleUnreachable');
  return isWholeServer(circuit) ? t('circuit.title') : t('circuit.titleDomain', { who: circuit.domain });
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
