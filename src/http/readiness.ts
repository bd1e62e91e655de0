import { LRUCache } from 'lru-cache';
import { jobOutageSentence } from '../dashboard/job-outage.js';
import { listCircuitsWithMail } from '../deliveries/waiting-mail.js';
import type { Context } from '../platform/context.js';
import { isDatabaseReachable } from '../platform/db/ping.js';
import { SECOND_MS } from '../platform/durations.js';
import { findJobOutage } from '../platform/jobs/job-outage.js';
import type { Transport } from '../platform/mail/smtp/mailer.js';
import { waitAtMostMs } from '../platform/process/timeouts.js';
import { redactAddresses } from '../platform/text/redact.js';
import { isUnreachable } from '../transports/circuits/circuit.js';
import { describeCircuit } from '../transports/circuits/describe-circuit.js';

/** What does not work of each thing that is needed, in sentences for an operator; an empty list where all is well. */
export type Readiness = Record<'database' | 'queue' | 'worker' | 'mail', string[]>;

/** Undefined: the queue answers and takes jobs; otherwise why not. */
export type FindQueueFault = () => Promise<string | undefined>;

type ReadinessContext = Pick<Context, 'db' | 'mailer' | 'now' | 'templates'>;

/** As long as a result is good for: load balancers of all kinds may ask many times a second. */
const CACHE_MS = SECOND_MS;
/** A mail server that refuses a login is not asked as often: some lock out who tries again and again. */
const FAULT_CACHE_MS = 15 * SECOND_MS;
const MAX_MAIL_WAIT_MS = 5 * SECOND_MS;

/** Returns a function that looks at all that is needed, at most once a second however often it is called. */
export function createReadinessCheck(
  context: ReadinessContext,
  queue: FindQueueFault,
): () => Promise<Readiness> {
  const cache = new LRUCache<'all', Promise<Readiness>>({ max: 1, ttl: CACHE_MS, ttlResolution: 0 });
  const findMailFault = createMailCheck();
  return () => {
    const cached = cache.get('all');
    if (cached !== undefined) return cached;
    const checking = checkAll(context, queue, findMailFault);
    cache.set('all', checking);
    checking.catch(() => cache.delete('all'));
    return checking;
  };
}

type FindMailFault = (transport: Transport) => Promise<string | undefined>;

async function checkAll(
  context: ReadinessContext,
  queue: FindQueueFault,
  findMailFault: FindMailFault,
): Promise<Readiness> {
  const { db } = context;
  const [isReachable, queueFault] = await Promise.all([isDatabaseReachable(db), queue()]);
  const outage = isReachable ? await findJobOutage(db, context.now()) : undefined;
  // What the queue says itself says more.
  const isWorkerMissing = outage?.cause === 'worker';
  return {
    database: isReachable ? [] : ['The database does not answer.'],
    queue: queueFault === undefined ? [] : [`The queue takes no jobs: ${queueFault}`],
    worker: isWorkerMissing ? [jobOutageSentence(outage, context.templates.operatorWords, toIso)] : [],
    mail: await findMailFaults(context, isReachable, findMailFault),
  };
}

const toIso = (moment: Date) => moment.toISOString();

/** What workers have found is told without asking the server again; others are asked, as far as this process can. */
async function findMailFaults(
  { db, mailer, now, templates }: ReadinessContext,
  isReachable: boolean,
  findMailFault: FindMailFault,
): Promise<string[]> {
  const circuits = isReachable ? (await listCircuitsWithMail(db)).filter(isUnreachable) : [];
  const faults = mailer.transports.map(async (transport) => {
    const circuit = circuits.find((one) => one.transport === transport.name);
    if (circuit !== undefined)
      return describeCircuit(circuit, {
        now: now(),
        formatTime: toIso,
        resume: `run: paperround transport resume ${transport.name}`,
        words: templates.operatorWords,
      });
    const fault = await findMailFault(transport);
    if (fault === undefined) return [];
    const reason = redactAddresses(fault);
    return [templates.operatorWords('circuit.server.unreachable', { transport: transport.name, reason })];
  });
  return (await Promise.all(faults)).flat();
}

function createMailCheck(): FindMailFault {
  const faults = new LRUCache<string, string>({ max: 100, ttl: FAULT_CACHE_MS, ttlResolution: 0 });
  return async (transport) => {
    const known = faults.get(transport.name);
    if (known !== undefined) return known;
    let fault: string | undefined = `It has not let us in for ${MAX_MAIL_WAIT_MS / SECOND_MS} seconds.`;
    const found = transport.findFault().then((it) => void (fault = it));
    await waitAtMostMs(MAX_MAIL_WAIT_MS, found);
    if (fault !== undefined) faults.set(transport.name, fault);
    return fault;
  };
}
