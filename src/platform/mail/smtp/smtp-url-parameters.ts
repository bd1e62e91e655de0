import { z } from 'zod';
import { providerIds, type ProviderId } from './providers.js';
import { UserFacingError } from '../../user-facing-error.js';

/** The time windows of a rate. */
export type Span = 'second' | 'minute' | 'hour' | 'day';

/** The most messages in a window of each span; absent: no limit. */
export type Rates = { readonly [span in Span]?: number };

/** How much of a server may be used. */
export type TransportLimits = {
  /** Its share of all mail, in proportion to the other servers' weights. */
  readonly weight: number;
  readonly rates: Rates;
  /** The most messages on its first day, doubled every day; absent: no warm-up. */
  readonly warmUp?: number | undefined;
};

/** What is done about an uncertain delivery. */
export type UncertainPolicy = 'resend' | 'hold' | 'reconcile';

/** How mail through a server is handled. */
export type TransportSettings = {
  readonly uncertainPolicy: UncertainPolicy;
  /** The path of the server's mail log, or `journal`, which shows what became of uncertain deliveries; required by `reconcile`. */
  readonly mailLog: string | undefined;
  /**
   * The server signs our mail itself and replaces Message-ID and Date, so a message can be found only by the server's own
   * id.
   */
  readonly rewrites: boolean;
  /** The company whose server it is; undefined: your own, or one that we know nothing about. */
  readonly provider: ProviderId | undefined;
};

/** Our query parameters of a URL in SMTP_URL. */
export type SmtpUrlParameters = {
  limits: TransportLimits;
  settings: TransportSettings;
  /** How many connections at once; undefined: as many as the worker may have. */
  connections: number | undefined;
  messagesPerConnection: number;
  /** How many connections may send to one recipient domain at once; undefined: all. */
  domainConnections: number | undefined;
  /** The URL of a proxy to connect through. */
  proxy: string | undefined;
  /** The path of a file with the certificates (PEM) of the authorities that this server's is checked against. */
  ca: string | undefined;
};

/** A server that wants fewer on one connection replies 421; then the next message is sent over another connection. */
const MAX_MESSAGES_PER_CONNECTION = 1000;

/**
 * @param query as Nodemailer parses it: a value that looks like a number or a boolean is one
 * @throws UserFacingError with a sentence for the operator
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
const mailLogMessage =
  'mailLog= in SMTP_URL is journal, journal: with the whole path of a folder of journals, or the whole path of a file.';
const caMessage = 'ca= in SMTP_URL is the whole path of a file with certificates (PEM), from / on.';
const proxyMessage = 'proxy= in SMTP_URL is the http:// or https:// address of a proxy, URL-encoded.';

const parameters = {
  uncertain: z
    .enum(['resend', 'hold', 'reconcile'], 'uncertain= in SMTP_URL is resend, hold or reconcile.')
    .default('resend'),
  mailLog: z
    .string(mailLogMessage)
    .regex(/^(?:\/|journal$|journal:\/)/, mailLogMessage)
    .optional(),
  weight: z.number(weightMessage).positive(weightMessage).default(1),
  perSecond: wholeNumber('perSecond'),
  perMinute: wholeNumber('perMinute'),
  perHour: wholeNumber('perHour'),
  perDay: wholeNumber('perDay'),
  warmUp: wholeNumber('warmUp'),
  rewrites: z.boolean('rewrites= in SMTP_URL is true or false.').default(false),
  provider: z.enum(providerIds, `provider= in SMTP_URL is one of ${providerIds.join(', ')}.`).optional(),
  maxConnections: wholeNumber('maxConnections'),
  maxMessages: wholeNumber('maxMessages').default(MAX_MESSAGES_PER_CONNECTION),
  domainConnections: wholeNumber('domainConnections'),
  ca: z.string(caMessage).startsWith('/', caMessage).optional(),
  proxy: z
    .string(proxyMessage)
    .regex(/^https?:\/\/[^/]/i, proxyMessage)
    .optional(),
};

/** Nodemailer's own that are of use in SMTP_URL (https://nodemailer.com/smtp). */
const NODEMAILER_PARAMETERS =
  'name localAddress secure requireTLS ignoreTLS opportunisticTLS servername service authMethod lmtp connectionTimeout ' +
  'greetingTimeout socketTimeout socketCloseTimeout dnsTimeout maxResponseSize allowInternalNetworkInterfaces ' +
  'tls.rejectUnauthorized tls.servername tls.minVersion tls.maxVersion tls.ciphers tls.ecdhCurve tls.sigalgs';

/** All that mean something. */
export const smtpParameterNames: readonly string[] = [
  ...Object.keys(parameters),
  ...NODEMAILER_PARAMETERS.split(' '),
];

const schema = z
  .object(parameters)
  .refine(({ uncertain, mailLog }) => uncertain !== 'reconcile' || mailLog !== undefined, {
    error:
      'uncertain=reconcile in SMTP_URL needs mailLog= with the path of the mail log, or mailLog=journal.',
  })
  .transform(({ uncertain, mailLog, weight, warmUp, rewrites, provider, ...query }): SmtpUrlParameters => ({
    limits: { weight, rates: ratesOf(query), warmUp },
    settings: { uncertainPolicy: uncertain, mailLog, rewrites, provider },
    connections: query.maxConnections,
    messagesPerConnection: query.maxMessages,
    domainConnections: query.domainConnections,
    proxy: query.proxy,
    ca: query.ca,
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
