import pRetry from 'p-retry';
import { SECOND_MS } from '../../platform/durations.js';
import { isRowFault } from '../../platform/process/row-fault.js';

const RETRY_INTERVAL_MS = 500;
const MAX_RETRY_MS = 15 * SECOND_MS;

/**
 * Tries twice a second for 15 seconds: Postgres may be restarting, and a result that is not written in the end leaves its
 * delivery uncertain. What is the fault of a row fails at once.
 * @param onFailure called with the error of each attempt that failed
 * @throws the last error
 */
export function retryDatabaseWork(
  work: () => Promise<void>,
  onFailure: (error: unknown) => void = () => {},
): Promise<void> {
  return pRetry(work, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: RETRY_INTERVAL_MS,
    factor: 1,
    maxRetryTime: MAX_RETRY_MS,
    shouldRetry: ({ error }) => !isRowFault(error),
    onFailedAttempt: ({ error }) => onFailure(error),
  });
}
