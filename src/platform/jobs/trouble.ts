import type { Log } from '../log.js';

/** Something that may fail many times a second, told once when it starts and once when it is over. */
export type Trouble = { begin(error: unknown): void; end(): void };

/** A success this soon after a failure may be luck. */
const CALM_MS = 2_000;

/** @param event the noun of the log lines: `<event>.unavailable` and `<event>.back` */
export function reportTrouble(log: Log, event: string): Trouble {
  let failedAt: number | undefined;
  return {
    begin: (error) => {
      if (failedAt === undefined) log.warn({ event: `${event}.unavailable`, ...describe(error) });
      failedAt = performance.now();
    },
    end: () => {
      if (failedAt === undefined || performance.now() - failedAt < CALM_MS) return;
      failedAt = undefined;
      log.info({ event: `${event}.back` });
    },
  };
}

/** What a log line says of an error: where it happened and what it said, without anybody's address. */
export function describe(error: unknown): { reason: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { reason: withoutAddresses(String(error)) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  const frames = error.stack?.match(/^ +at .+$/gm)?.slice(0, 5) ?? [];
  return {
    reason: withoutAddresses(error.message || error.name),
    ...code,
    at: frames.map((frame) => frame.trim()),
  };
}

function withoutAddresses(text: string): string {
  return text.slice(0, 500).replace(/[^\s"'<>(=]+@[^\s"'<>)]+/g, '…@…');
}
