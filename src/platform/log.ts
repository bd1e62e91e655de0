import pino, { type Logger, type LoggerOptions } from 'pino';
import { redactAddresses, redactCredentials } from './text/redact.js';

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
        const [given, ...rest] = args as unknown[];
        const fields = withoutSecrets(given);
        if (onEvent !== undefined && isEvent(fields)) onEvent(fields);
        method.apply(this, [fields, ...rest] as typeof args);
      },
    },
  };
  if (file === undefined) return pino(options);
  return pino(options, pino.destination({ dest: file, mkdir: true, sync: false }));
}

/**
 * Never an error as it is: Postgres' own has the values of a row in its `detail`, what was typed may be in any
 * message, and pino repeats the message of one beside it. Never an address with a password.
 */
function withoutSecrets(fields: unknown): unknown {
  if (fields instanceof Error) return { err: describeError(fields) };
  if (typeof fields !== 'object' || fields === null) return fields;
  const described = Object.entries(fields).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Error
      ? describeError(value)
      : typeof value === 'string'
        ? redactCredentials(value)
        : value,
  ]);
  return Object.fromEntries(described) as unknown;
}

function isEvent(fields: unknown): fields is LoggedEvent {
  return typeof fields === 'object' && fields !== null && 'event' in fields;
}

const MAX_REASON_LENGTH = 500;

export type ErrorDescription = {
  reason: string;
  code?: string;
  /** What of the database it is about. */
  table?: string;
  constraint?: string;
  at?: string[];
  cause?: ErrorDescription;
};

/**
 * An error as fields of a log line: its message without mail addresses, its code, where it was thrown, and its cause.
 */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { reason: toReason(String(error)) };
  const frames = error.stack?.match(/^ +at .+$/gm)?.slice(0, 5) ?? [];
  return {
    reason: toReason(error.message || error.name),
    ...textFields(error),
    at: frames.map((frame) => frame.trim()),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

function textFields(error: object): Pick<ErrorDescription, 'code' | 'table' | 'constraint'> {
  const given = (['code', 'table', 'constraint'] as const).flatMap((name) => {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(given) as Pick<ErrorDescription, 'code' | 'table' | 'constraint'>;
}

function toReason(message: string): string {
  return redactAddresses(redactCredentials(message)).slice(0, MAX_REASON_LENGTH);
}
