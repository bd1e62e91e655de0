import { z } from 'zod';
import { UserFacingError } from '../../user-facing-error.js';

/** The windows in which a rate is counted. */
export type Span = 'second' | 'minute' | 'hour' | 'day';

/** At most so many messages in a window of each span; absent where there is no limit. */
export type Rates = { readonly [span in Span]?: number };

/** How much of a server may be used. */
export type TransportLimits = {
  /** Its share of the mail, compared with the other servers'. */
  readonly weight: number;
  readonly rates: Rates;
  /** Messages on its first day, doubling every day; absent when it needs no warming up. */
  readonly warmUp?: number | undefined;
};

/** What becomes of a delivery when nobody knows whether the server accepted it. */
export type UncertainPolicy = 'resend' | 'hold' | 'reconcile';

/** How mail through a server is handled. */
export type TransportSettings = {
  readonly uncertainPolicy: UncertainPolicy;
  /** Path of the server's mail log, which shows what became of uncertain deliveries; there when the policy is `reconcile`. */
  readonly mailLog: string | undefined;
  /** It signs our mail itself and replaces Message-ID and Date, so that only its own id finds a message again. */
  readonly rewrites: boolean;
};

/** Our own query parameters of one URL of SMTP_URL. */
export type SmtpUrlParameters = {
  limits: TransportLimits;
  settings: TransportSettings;
  /** Connections at once; undefined: as many as the worker has. */
  connections: number | undefined;
  messagesPerConnection: number;
  /** Connections at once that are busy with one recipient domain; undefined: any number. */
  domainConnections: number | undefined;
  /** The URL of a proxy to connect through. */
  proxy: string | undefined;
};

/** A server that wants fewer replies 421, and the message that was to follow goes over another connection. */
const MAX_MESSAGES_PER_CONNECTION = 1000;

/**
 * Values are as Nodemailer parses a query: what looks like a number or a truth value is one.
 * @throws one sentence for the operator
 */
export function parseParameters(query: Record<string, unknown>): SmtpUrlParameters {
  const { success, data, error } = schema.safeParse(query);
  if (success) return data;
  throw new UserFacingError(error.issues[0]?.message ?? 'SMTP_URL has a parameter that cannot be read.');
}

const wholeNumber = (name: string) => {
  const message = `${name}= in SMTP_URL is a whole number above 0.`;
  return z.int(message).positive(message).optional();
};
const weightMessage = 'weight= in SMTP_URL is a number above 0.';
const mailLogMessage = 'mailLog= in SMTP_URL is the whole path of a file, from / on.';
const proxyMessage = 'proxy= in SMTP_URL is the http:// or https:// address of a proxy, URL-encoded.';

const schema = z
  .object({
    uncertain: z
      .enum(['resend', 'hold', 'reconcile'], 'uncertain= in SMTP_URL is resend, hold or reconcile.')
      .default('resend'),
    mailLog: z.string(mailLogMessage).startsWith('/', mailLogMessage).optional(),
    weight: z.number(weightMessage).positive(weightMessage).default(1),
    perSecond: wholeNumber('perSecond'),
    perMinute: wholeNumber('perMinute'),
    perHour: wholeNumber('perHour'),
    perDay: wholeNumber('perDay'),
    warmUp: wholeNumber('warmUp'),
    rewrites: z.boolean('rewrites= in SMTP_URL is true or false.').default(false),
    maxConnections: wholeNumber('maxConnections'),
    maxMessages: wholeNumber('maxMessages').default(MAX_MESSAGES_PER_CONNECTION),
    domainConnections: wholeNumber('domainConnections'),
    proxy: z
      .string(proxyMessage)
      .regex(/^https?:\/\/[^/]/i, proxyMessage)
      .optional(),
  })
  .refine(({ uncertain, mailLog }) => uncertain !== 'reconcile' || mailLog !== undefined, {
    error: 'uncertain=reconcile in SMTP_URL needs mailLog= with the path of the mail log.',
  })
  .transform(({ uncertain, mailLog, weight, warmUp, rewrites, ...query }): SmtpUrlParameters => ({
    limits: { weight, rates: ratesOf(query), warmUp },
    settings: { uncertainPolicy: uncertain, mailLog, rewrites },
    connections: query.maxConnections,
    messagesPerConnection: query.maxMessages,
    domainConnections: query.domainConnections,
    proxy: query.proxy,
  }));

type RateQuery = { [name in 'perSecond' | 'perMinute' | 'perHour' | 'perDay']?: number | undefined };

function ratesOf({ perSecond, perMinute, perHour, perDay }: RateQuery): Rates {
  return {
    ...(perSecond === undefined ? {} : { second: perSecond }),
    ...(perMinute === undefined ? {} : { minute: perMinute }),
    ...(perHour === undefined ? {} : { hour: perHour }),
    ...(perDay === undefined ? {} : { day: perDay }),
  };
}
