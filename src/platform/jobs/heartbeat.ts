import type { Context } from '../context.js';

/**
 * Calls HEARTBEAT_URL if a mail server of ours takes connections. That queue and database work is shown by the run itself, as
 * it is a job. A call that fails is not repeated: the next one is a minute away.
 */
export async function callHeartbeat({
  config,
  mailer,
  fetchPage,
  log,
}: Pick<Context, 'config' | 'mailer' | 'fetchPage' | 'log'>): Promise<void> {
  if (config.heartbeatUrl === undefined) return;
  const faults = await Promise.all(mailer.transports.map(({ findFault }) => findFault()));
  if (!faults.includes(undefined)) return log.warn({ event: 'heartbeat.no-mail-server' });
  const result = await fetchPage(config.heartbeatUrl);
  if (result.kind === 'fetched') return;
  const failure = 'failure' in result ? result.failure : { code: result.kind };
  log.warn({ event: 'heartbeat.failed', failure });
}
