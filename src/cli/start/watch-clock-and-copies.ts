import type { OpenContext } from '../../platform/open-context.js';
import { MINUTE_MS } from '../../platform/durations.js';
import { startIntervalLoop } from '../../platform/jobs/interval-loop.js';
import { createOutageLog } from '../../platform/jobs/outage-log.js';
import type { RestoreCheck } from '../../platform/restore/restore-check.js';

/** Before the first job runs, and each minute: is our clock right, and is this the database that it was? */
export async function watchClockAndCopies(
  { clock, log }: OpenContext['context'],
  restore: RestoreCheck,
): Promise<() => Promise<void>> {
  const compare = async () => {
    await clock.compare();
    await restore.compare();
  };
  await compare();
  const outageLog = createOutageLog(log, 'clock-and-copy-check');
  const intervals = { intervalMs: MINUTE_MS, intervalAfterFailureMs: 5_000, outageLog };
  return startIntervalLoop(intervals, compare).stop;
}
