import type { Context } from '../../platform/context.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { SendRequest } from '../../platform/mail/message.js';
import type { Transport } from '../../platform/mail/smtp/mailer.js';
import type { ServerPool } from '../../transports/choose/server-pool.js';
import { applyFinding } from '../../transports/circuits/apply-finding.js';
import type { Finding } from '../../transports/circuits/circuit-breaker.js';
import type { Blocked } from '../../transports/circuits/circuit-gate.js';
import type { RegisteredTransport } from '../../transports/transport.js';

/** A mail server of SMTP_URL and its row in Postgres. */
export type Server = Transport & RegisteredTransport;

/**
 * Hands one message to a server, counts what became of it, and opens or closes circuits by that.
 * @param onBlocked called when that has shown that no mail may go to the server, or to a domain behind it
 */
export async function sendAndRecord(
  context: Pick<Context, 'db' | 'now' | 'log'>,
  { pool, server }: { pool: ServerPool<Server>; server: Server },
  { domain, request }: { domain: string; request: SendRequest },
  onBlocked: (circuit: Blocked['circuit']) => void = () => {},
): Promise<Outcome> {
  const outcome = await server.send(request);
  const finding = pool.recordOutcome(server, domain, outcome, context.now());
  if (finding === undefined) return outcome;
  if (finding.kind !== 'recovered') onBlocked(finding.circuit);
  await publishFinding(context, server, finding);
  return outcome;
}

/** Tells the other workers. The outcome of the message counts, whether or not that works. */
async function publishFinding(
  { db, now, log }: Pick<Context, 'db' | 'now' | 'log'>,
  { name }: Server,
  finding: Finding,
): Promise<void> {
  try {
    const change = await applyFinding(db, finding, now());
    if (change === undefined) return;
    const { domain, reason } = change.circuit;
    log.warn({ event: `circuit.${change.kind}`, transport: name, domain, reason });
  } catch (error) {
    log.warn({ event: 'circuit.not-recorded', transport: name, err: error });
  }
}
