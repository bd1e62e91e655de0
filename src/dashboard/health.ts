import type { FailingFeed } from '../articles/feeds/feed.js';
import type { AlertCause } from '../deliveries/alerts/alert.js';
import { listFailedRows } from '../deliveries/alerts/reads.js';
import { listSystemCauses } from '../deliveries/alerts/system-causes.js';
import { listCircuitsWithMail } from '../deliveries/waiting-mail.js';
import type { Context } from '../platform/context.js';
import { listHooks, type ListedHook } from '../events/providers/reads.js';
import { DAY_MS } from '../platform/durations.js';
import type { FailedRow } from '../platform/jobs/failed-rows.js';
import { findJobOutage, findWorkerSign, type JobOutage } from '../platform/jobs/job-outage.js';
import { findOverdueJobs, type OverdueJobs } from '../platform/jobs/overdue-jobs.js';
import type { TransportLimits } from '../platform/mail/smtp/smtp-url-parameters.js';
import type { Publication } from '../publications/publication.js';
import type { CircuitWithTransport } from '../transports/circuits/circuit.js';
import { sumUsage } from '../transports/limits/reads.js';
import { listAllTransports } from '../transports/reads.js';
import { readInboundHealth, type InboundHealth } from './inbound-health.js';
import { listFeedsInTrouble } from './trouble.js';
import { listUndecided, type UndecidedMails } from './undecided.js';

/** A mail server of SMTP_URL, or one that was there before and still has mail waiting. */
export type ServerHealth = {
  name: string;
  /** Undefined: SMTP_URL does not name it any more. */
  limits: TransportLimits | undefined;
  /** Null: no mail went through it yet. */
  firstUsedAt: Date | null;
  /** Of its quota for an hour or a day; null: it has none, and nobody counts. */
  sentLastDay: number | null;
  /** What is left alone: the whole server, or domains behind it. */
  circuits: CircuitWithTransport[];
};

/** How the machinery is, and what of some publications does not work. */
export type Health = {
  /** What stops the mail of all newsletters. */
  standstill: AlertCause[];
  jobOutage: JobOutage | undefined;
  /** When a worker was seen the last time; undefined: never. */
  workerSeenAt: Date | undefined;
  queue: 'Redis' | 'Postgres';
  overdue: OverdueJobs;
  servers: ServerHealth[];
  inbound: InboundHealth;
  /** Providers that tell what became of mail. */
  hooks: ListedHook[];
  feeds: FailingFeed[];
  failed: { publicationId: string; rows: FailedRow[] }[];
  /** Digests of the last week with mails that the log of a mail server does not decide about. */
  undecided: UndecidedMails[];
};

const MAX_FAILED_ROWS = 50;

/** @param publications whose feeds and rows are looked at */
export async function readHealth(
  context: Pick<Context, 'config' | 'db' | 'mailer' | 'now'>,
  publications: readonly Publication[],
): Promise<Health> {
  const { config, db, now } = context;
  const ids = new Set(publications.map(({ id }) => id));
  const failing = await listFeedsInTrouble(db, now());
  const failed = [];
  for (const { id: publicationId } of publications) {
    const rows = await listFailedRows(db, { publicationId, limit: MAX_FAILED_ROWS });
    if (rows.length > 0) failed.push({ publicationId, rows });
  }
  return {
    standstill: await listSystemCauses(db, publications),
    jobOutage: await findJobOutage(db, now()),
    workerSeenAt: await findWorkerSign(db),
    queue: config.redisUrl === undefined ? 'Postgres' : 'Redis',
    overdue: await findOverdueJobs(db, now()),
    servers: await readServers(context),
    inbound: await readInboundHealth(context, publications),
    hooks: await listHooks(db),
    feeds: failing.filter(({ publicationId }) => ids.has(publicationId)),
    failed,
    undecided: (await listUndecided(db, now())).filter(({ publicationId }) => ids.has(publicationId)),
  };
}

async function readServers({
  db,
  mailer,
  now,
}: Pick<Context, 'db' | 'mailer' | 'now'>): Promise<ServerHealth[]> {
  const rows = await listAllTransports(db);
  const circuits = await listCircuitsWithMail(db);
  const usage = new Map(
    (await sumUsage(db, new Date(now().getTime() - DAY_MS))).map(({ transportId, messages }) => [
      transportId,
      messages,
    ]),
  );
  const named = new Map(mailer.transports.map(({ name, limits }) => [name, limits]));
  const names = new Set([...named.keys(), ...circuits.map(({ transport }) => transport)]);
  return [...names].map((name) => {
    const row = rows.find((one) => one.name === name);
    const limits = named.get(name);
    const { hour, day } = limits?.rates ?? {};
    return {
      name,
      limits,
      firstUsedAt: row?.firstUsedAt ?? null,
      sentLastDay: hour === undefined && day === undefined ? null : (usage.get(row?.id ?? 0) ?? 0),
      circuits: circuits.filter(({ transport }) => transport === name),
    };
  });
}
