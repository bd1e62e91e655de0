import pino, { type Logger, type LoggerOptions } from 'pino';

export type Log = Logger;

/** One logged event: its name and ids. Never an address or a token. */
export type LoggedEvent = { event: string; [field: string]: unknown };

/**
 * Structured events: `log.warn({ event: 'delivery.rejected', deliveryId, reason })`.
 * @param options.file a file to append to; standard output when absent
 * @param options.onEvent sees each event as it is logged: the terminal of a person shows some of them as sentences
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
