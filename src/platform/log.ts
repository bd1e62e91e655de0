import pino, { type Logger, type LoggerOptions } from 'pino';
import { redactAddresses } from './text/redact.js';

export type Log = Logger;

/** One logged event: its name and ids. Never an address or a token. */
export type LoggedEvent = { event: string; [field: string]: unknown };

/**
 * Structured events: `log.warn({ event: 'delivery.rejected', deliveryId, reason })`.
 * @param options.file a file to append to; standard output when absent
 * @param options.onEvent called with each logged event, for the terminal, which shows some of them as sentences
 */
export function createLog(
  level: string,
  { file, onEvent }: { file?: string; onEvent?: (event: LoggedEvent) => void } = {},
): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    hooks: {
      logMethod(args, method) {
        const [fields] = args as [unknown];
        if (onEvent !== undefined && isEvent(fields)) onEvent(fields);
        method.apply(this, args);
      },
    },
  };
  if (file === undefined) return pino(options);
  return pino(options, pino.destination({ dest: file, mkdir: true, sync: false }));
}

function isEvent(fields: unknown): fields is LoggedEvent {
  return typeof fields === 'object' && fields !== null && 'event' in fields;
}

const MAX_REASON_LENGTH = 500;

/** An error as fields of a log line: its message without mail addresses, its code, and where it was thrown. */
export function describeError(error: unknown): { reason: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { reason: toReason(String(error)) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  const frames = error.stack?.match(/^ +at .+$/gm)?.slice(0, 5) ?? [];
  return { reason: toReason(error.message || error.name), ...code, at: frames.map((frame) => frame.trim()) };
}

function toReason(message: string): string {
  return redactAddresses(message.slice(0, MAX_REASON_LENGTH));
}
