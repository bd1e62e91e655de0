import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../../platform/config.js';
import { MINUTE_MS } from '../../platform/durations.js';
import { startIntervalLoop } from '../../platform/jobs/interval-loop.js';
import { createOutageLog } from '../../platform/jobs/outage-log.js';
import type { Log } from '../../platform/log.js';

const run = promisify(execFile);

/**
 * Tells systemd, where it started us, that everything runs, and from then on, three times in the span of WatchdogSec=, that this
 * process does not hang (sd_notify(3)). Node has no sockets of that kind, so systemd's own command says it. Like `/healthz`,
 * it says nothing about the servers that the process uses.
 */
export function startNotifying(systemd: NonNullable<Config['systemd']>, log: Log): () => Promise<void> {
  const intervalMs = (systemd.watchdogMs ?? MINUTE_MS) / 3;
  const outageLog = createOutageLog(log, 'systemd');
  return startIntervalLoop(
    { intervalMs, intervalAfterFailureMs: intervalMs, outageLog },
    async () => void (await run('systemd-notify', ['READY=1', 'WATCHDOG=1'])),
  ).stop;
}
