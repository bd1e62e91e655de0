import { isMailable } from './address.js';
import { deliver, type Gate, type Message, type Stale } from './deliver.js';
import type { Outcome } from './outcome.js';
import { createPool, type Pool } from './pool.js';
import type { Session } from './session.js';
import { parseSmtpUrls, type UncertainPolicy } from './smtp-url.js';
import { TIMEOUTS, type Timeouts } from './timeouts.js';
import { nextReply, write } from './wire.js';

/** Hands messages to the mail server. */
export type Mailer = {
  /** Send one message to one reader. Answers what became of it; whatever goes wrong on the way is an answer too. */
  send(message: Message, gate: Gate): Promise<Outcome>;
  /** Does every server let us in? */
  verify(): Promise<boolean>;
  policy: UncertainPolicy;
  /** Finish what is on the wire, within limits, and close every connection. What waits for its turn is not sent. */
  close(): Promise<void>;
};

/**
 * A mailer for the servers of SMTP_URL, used in turn, with at most `connections` open to each.
 * @throws one sentence when the URL is wrong
 */
export function createMailer(options: {
  smtpUrl: string;
  connections: number;
  timeouts?: Partial<Timeouts>;
}): Mailer {
  const servers = parseSmtpUrls(options.smtpUrl);
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const pools = servers.map((server) => createPool(server, options.connections, timeouts));
  const nextPool = inTurn(pools);
  return {
    send: (message, gate) => send(nextPool, message, gate),
    verify: async () => (await Promise.all(pools.map(isReachable))).every(Boolean),
    policy: servers[0].policy,
    close: async () => void (await Promise.all(pools.map((pool) => pool.close()))),
  };
}

function inTurn(pools: Pool[]): () => Pool {
  let turn = 0;
  return () => {
    const pool = pools[turn % pools.length];
    turn += 1;
    if (pool === undefined) throw new Error('A mailer without servers.');
    return pool;
  };
}

async function send(nextPool: () => Pool, message: Message, gate: Gate): Promise<Outcome> {
  const { from, to } = message.envelope;
  if (!isMailable(to))
    return { kind: 'rejected', answer: 'This is not an address that mail can be sent to.' };
  if (from !== '' && !isMailable(from))
    return { kind: 'sender-fault', answer: 'The envelope sender is no address.' };
  return onLiveConnection(nextPool(), (session) => deliver(session, message, gate));
}

async function isReachable(pool: Pool): Promise<boolean> {
  const answer = await onLiveConnection(pool, async ({ wire, timeouts, uses }) => {
    write(wire, 'NOOP\r\n');
    const reply = await nextReply(wire, timeouts.command);
    return reply.kind === 'lost' && uses > 1 ? { kind: 'stale' } : reply;
  });
  return answer.kind === 'reply' && answer.code === 250;
}

/** An idle connection may turn out dead only when it is used: then another one, in the end a new one, does it. */
async function onLiveConnection<T extends { kind: string }>(
  pool: Pool,
  work: (session: Session) => Promise<T | Stale>,
): Promise<T | Outcome> {
  for (;;) {
    const result = await pool.use(work);
    if (!isStale(result)) return result;
  }
}

function isStale(result: { kind: string }): result is Stale {
  return result.kind === 'stale';
}
