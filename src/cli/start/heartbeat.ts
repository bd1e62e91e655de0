import { writeFile } from 'node:fs/promises';
import { SECOND_MS } from '../../platform/durations.js';
import { startIntervalLoop } from '../../platform/jobs/interval-loop.js';
import { createOutageLog } from '../../platform/jobs/outage-log.js';
import type { Log } from '../../platform/log.js';

/** The health check of docker-compose.yml allows for several that are late. */
const HEARTBEAT_INTERVAL_MS = 10 * SECOND_MS;

/**
 * Writes a file now and every 10 seconds: one that is older shows that this process hangs or is gone. For the health check of a
 * worker, which has no port to ask. Like `/healthz`, it says nothing about the servers that the process uses.
 */
export function startHeartbeat(file: string, log: Log): () => Promise<void> {
  const intervals = { intervalMs: HEARTBEAT_INTERVAL_MS, intervalAfterFailureMs: HEARTBEAT_INTERVAL_MS };
  return startIntervalLoop({ ...intervals, outageLog: createOutageLog(log, 'heartbeat') }, () =>
    writeFile(file, `${new Date().toISOString()}\n`),
  ).stop;
}
