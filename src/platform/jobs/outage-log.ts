import { describeError, type Log } from '../log.js';

/**
 * Logs an outage, during which something may fail many times a second, in two lines: one when it begins and one when it
 * ends.
 */
export type OutageLog = { recordFailure(error: unknown): void; recordSuccess(): void };

/** A success sooner than this after the last failure does not end the outage: another failure may follow. */
const MIN_RECOVERY_MS = 2_000;

/** @param event the noun of the log lines: `<event>.unavailable` and `<event>.available` */
export function createOutageLog(log: Log, event: string): OutageLog {
  let failedAt: number | undefined;
  return {
    recordFailure: (error) => {
      if (failedAt === undefined) log.warn({ event: `${event}.unavailable`, ...describeError(error) });
      failedAt = performance.now();
    },
    recordSuccess: () => {
      if (failedAt === undefined || performance.now() - failedAt < MIN_RECOVERY_MS) return;
      failedAt = undefined;
      log.info({ event: `${event}.available` });
    },
  };
}
