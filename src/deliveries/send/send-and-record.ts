import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { SendRequest } from '../../platform/mail/message.js';
import type { Transport } from '../../platform/mail/smtp/mailer.js';
import { liftBouncesOfStorm } from '../../subscribers/suppression/suppress-bounced.js';
import type { ServerPool } from '../../transports/choose/server-pool.js';
import { applyFinding, type CircuitChange } from '../../transports/circuits/apply-finding.js';
import type { Finding } from '../../transports/circuits/circuit-breaker.js';
import { isUnreachable, type CircuitWithTransport } from '../../transports/circuits/circuit.js';
import type { Blocked } from '../../transports/circuits/circuit-gate.js';
import { describeCircuit } from '../../transports/circuits/describe-circuit.js';
import type { RegisteredTransport } from '../../transports/transport.js';
import { MIN_UNREACHABLE_MS } from '../alerts/alert.js';
import { countWaitingMail } from '../reads.js';

/** A mail server of SMTP_URL and its row in Postgres. */
export type Server = Transport & RegisteredTransport;

/**
 * Hands one message to a server, counts what became of it, and opens or closes circuits by that.
 * @param onBlocked called when that has shown that no mail may go to the server, or to a domain behind it
 */
export async function sendAndRecord(
  context: Pick<Context, 'db' | 'now' | 'log' | 'templates'>,
  { pool, server }: { pool: ServerPool<Server>; server: Server },
  { domain, request }: { domain: string; request: SendRequest },
  onBlocked: (circuit: Blocked['circuit']) => void = () => {},
): Promise<Outcome> {
  const outcome = await server.send(request);
  const finding = pool.recordOutcome(server, domain, outcome, context.now());
  reportReached(context, pool, server);
  if (finding === undefined) return outcome;
  // A message is asked for when there is a connection again: an unreachable server needs no other sign.
  if (finding.kind !== 'recovered' && !isUnreachable(finding.circuit)) onBlocked(finding.circuit);
  const change = await publishFinding(context, server, finding);
  if (change?.kind === 'only-here') pool.openOwnCircuit(server, change.circuit.reason, context.now());
  return outcome;
}

/** Beside the message, whose result is not to wait for it: without this report another worker's failure may be believed. */
function reportReached(
  { now, log }: Pick<Context, 'now' | 'log'>,
  pool: ServerPool<Server>,
  server: Server,
): void {
  pool
    .reportReached(server, now())
    .catch((error: unknown) =>
      log.warn({ event: 'circuit.not-recorded', transport: server.name, err: error }),
    );
}

/** Tells the other workers. The outcome of the message counts, whether or not that works. */
async function publishFinding(
  context: Pick<Context, 'db' | 'now' | 'log' | 'templates'>,
  { name }: Server,
  finding: Finding,
): Promise<CircuitChange | undefined> {
  const { db, now, log } = context;
  try {
    const { change, lifted } = await db.transaction((tx) => applyAndLift(tx, finding, now()));
    if (change !== undefined) await reportChange(context, name, change, lifted);
    return change;
  } catch (error) {
    log.warn({ event: 'circuit.not-recorded', transport: name, err: error });
    return undefined;
  }
}

async function reportChange(
  context: Pick<Context, 'db' | 'now' | 'log' | 'templates'>,
  transport: string,
  { kind, circuit }: CircuitChange,
  suppressionsLifted: number | undefined,
): Promise<void> {
  const { domain, reason } = circuit;
  const isAway = isUnreachable(circuit) && kind !== 'only-here';
  const more = isAway ? await unreachableDetails(context, { ...circuit, transport }) : { suppressionsLifted };
  context.log.warn({ event: `circuit.${kind}`, transport, domain, reason, ...more });
  if (isAway && kind === 'opened') await alertSoon(context);
}

/** `lifted`: how many suppressions were made by bounces that turn out to be those of a storm. */
async function applyAndLift(
  tx: Tx,
  finding: Finding,
  now: Date,
): Promise<{ change: CircuitChange | undefined; lifted?: number }> {
  const change = await applyFinding(tx, finding, now);
  if (change?.kind !== 'opened' || change.circuit.kind !== 'bounces') return { change };
  return { change, lifted: await liftBouncesOfStorm(tx, change.circuit, now) };
}

/** What an operator needs who has nothing but the log; empty once the server can be reached. */
async function unreachableDetails(
  { db, now, templates }: Pick<Context, 'db' | 'now' | 'templates'>,
  circuit: CircuitWithTransport,
): Promise<{ waiting?: number; nextTryAt?: Date | null; says?: string }> {
  if (circuit.closedAt !== null) return {};
  const waiting = await countWaitingMail(db);
  const says = describeCircuit(
    { ...circuit, waiting },
    {
      now: now(),
      formatTime: (moment) => moment.toISOString(),
      resume: `run: paperround transport resume ${circuit.transport}`,
      words: templates.operatorWords,
    },
  );
  return { waiting, nextTryAt: circuit.closesAt, says: says.join(' ') };
}

/** Operators are mailed as soon as it is certain that this is no restart, and not at the next full minute. */
function alertSoon({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const dueAt = new Date(now().getTime() + MIN_UNREACHABLE_MS);
  return db.transaction((tx) => enqueue(tx, 'alert-operators', {}, now(), dueAt));
}
