import { describeJobOutage } from '../../dashboard/job-outage.js';
import { listCircuitsWithMail } from '../../deliveries/waiting-mail.js';
import type { Digest } from '../../digests/digest.js';
import { listClockDifferences } from '../../platform/clock/clock-differences.js';
import type { Context } from '../../platform/context.js';
import { findMailHold } from '../../platform/restore/installation.js';
import { isOpen, isWholeServer, type CircuitWithTransport } from '../../transports/circuits/circuit.js';
import { describeForTerminal } from './describe-for-terminal.js';

/** `at`: when mail is tried next; null: not before what the sentences name is done. */
export type NextAttempt = { at: Date | null; sentences: string[] };

/** In sentences, what mail of a digest may wait for: mail servers, domains behind them, a worker, or more. */
export async function describeWaits(
  context: Context,
  { state, sendAt }: Pick<Digest, 'state' | 'sendAt'>,
): Promise<string[]> {
  const isDue = state === 'approved' && sendAt !== null && sendAt <= context.now();
  if (state !== 'sending' && state !== 'paused' && !isDue) return [];
  return [...(await describeStandstill(context)), ...(await describeCircuits(context)).sentences];
}

/**
 * When mail that is due now is tried next.
 * @param digest the one that it is of, where it is of one
 */
export async function findNextAttempt(
  context: Context,
  digest?: Pick<Digest, 'id' | 'state'>,
): Promise<NextAttempt> {
  const paused = digest?.state === 'paused' ? [pausedSentence(digest.id)] : [];
  const stopped = [...paused, ...(await describeStandstill(context))];
  const { open, sentences } = await describeCircuits(context);
  if (stopped.length > 0) return { at: null, sentences: [...stopped, ...sentences] };
  const at = firstAttemptAt(context, open);
  if (at === null) return { at, sentences };
  const when = at <= context.now() ? 'within seconds' : `at ${at.toISOString()}`;
  return { at, sentences: [`The next attempt is made ${when}.`, ...sentences] };
}

function pausedSentence(id: string): string {
  return `It is paused: the next attempt is made when it goes on, with: paperround digest resume ${id}`;
}

/** What stops the mail of all digests. */
async function describeStandstill(context: Context): Promise<string[]> {
  const { db } = context;
  const outage = await describeJobOutage(context, (moment) => moment.toISOString());
  const hold = await findMailHold(db);
  const clocks = await listClockDifferences(db);
  return [
    ...(outage === undefined ? [] : [outage]),
    ...(hold === undefined
      ? []
      : [`All mail is held since ${hold.heldSince.toISOString()}: paperround after-restore show`]),
    ...(clocks.length === 0
      ? []
      : ['The clocks of a process and the database disagree: nothing is sent until they agree.']),
  ];
}

async function describeCircuits(context: Context) {
  const open = await listCircuitsWithMail(context.db);
  return { open, sentences: open.flatMap((circuit) => describeForTerminal(context, circuit)) };
}

/** Now, unless every mail server is left alone; then when the first of them is tried again, if that needs no operator. */
function firstAttemptAt({ mailer, now }: Context, circuits: readonly CircuitWithTransport[]): Date | null {
  const blocked = mailer.transports.map(({ name }) =>
    circuits.find((one) => one.transport === name && isWholeServer(one) && isOpen(one, now())),
  );
  if (blocked.includes(undefined)) return now();
  const times = blocked.flatMap((circuit) => circuit?.closesAt?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.min(...times));
}
