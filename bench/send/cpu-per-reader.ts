import { cpuSeconds } from '../support/process-usage.js';
import type { BenchProcess } from '../support/processes.js';
import type { BenchServers } from '../support/servers.js';

/** Of Postgres, Redis and the worker; undefined where there is no /proc, or no Redis. */
export type CpuUsage = {
  postgres: number | undefined;
  redis: number | undefined;
  worker: number | undefined;
};

/** Seconds of CPU that each has used since it was started. */
export function readCpuSeconds({ postgres, redis }: BenchServers, { pid }: BenchProcess): CpuUsage {
  return {
    postgres: cpuSeconds(postgres.pid),
    redis: redis === undefined ? undefined : cpuSeconds(redis.pid),
    worker: cpuSeconds(pid),
  };
}

/** Microseconds of CPU a reader between two readings. */
export function cpuPerReader(before: CpuUsage, after: CpuUsage, readers: number): CpuUsage {
  const perReader = (name: keyof CpuUsage) => {
    const [from, until] = [before[name], after[name]];
    return from === undefined || until === undefined ? undefined : ((until - from) * 1e6) / readers;
  };
  return { postgres: perReader('postgres'), redis: perReader('redis'), worker: perReader('worker') };
}
