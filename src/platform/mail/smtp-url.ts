import { ExplainedError } from '../explained-error.js';
import type { SMTPConnectionAuth, SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl, type ConnectionUrlOptions } from 'nodemailer/lib/shared';
import wellKnown from 'nodemailer/lib/well-known';

/** What becomes of a delivery when nobody knows whether the server took it. */
export type UncertainPolicy = 'resend' | 'hold';

/** One SMTP server and how much of it we may use. */
export type SmtpServerAddress = {
  options: SMTPConnectionOptions;
  auth: SMTPConnectionAuth | undefined;
  policy: UncertainPolicy;
  /** Connections at once; undefined: as many as the worker has. */
  connections: number | undefined;
  messagesPerConnection: number;
};

const MESSAGES_PER_CONNECTION = 100;

/**
 * Read SMTP_URL: one or more URLs in Nodemailer's syntax, separated by space. Query parameters of ours are
 * `uncertain=resend|hold`, `maxConnections` and `maxMessages`; all others are Nodemailer's (requireTLS, name, tls.…).
 * @throws one sentence for the operator, without the password
 */
export function parseSmtpUrls(smtpUrl: string): [SmtpServerAddress, ...SmtpServerAddress[]] {
  const [first, ...rest] = smtpUrl
    .split(/\s+/)
    .filter((url) => url !== '')
    .map(parseSmtpUrl);
  if (first === undefined) throw new ExplainedError('SMTP_URL names no server.');
  if (rest.some(({ policy }) => policy !== first.policy)) {
    throw new ExplainedError('All servers of SMTP_URL need the same value of uncertain=.');
  }
  return [first, ...rest];
}

function parseSmtpUrl(url: string): SmtpServerAddress {
  if (!/^smtps?:\/\/[^/?#]/i.test(url))
    throw new ExplainedError('Every server of SMTP_URL starts with smtp:// or smtps:// and a host.');
  const { auth, authMethod, service, uncertain, maxConnections, maxMessages, ...options } =
    parseConnectionUrl(url);
  return {
    options: connectionOptions(options, service),
    auth:
      auth === undefined
        ? undefined
        : { ...auth, ...(typeof authMethod === 'string' ? { method: authMethod } : {}) },
    policy: policyOf(uncertain),
    connections: limitOf('maxConnections', maxConnections),
    messagesPerConnection: limitOf('maxMessages', maxMessages) ?? MESSAGES_PER_CONNECTION,
  };
}

/** The query of the URL is Nodemailer's to understand. Its own logger stays off: it would write addresses down. */
function connectionOptions(
  options: ConnectionUrlOptions,
  service: string | undefined,
): SMTPConnectionOptions {
  const known = service === undefined ? {} : wellKnown(service) || {};
  return {
    ...options,
    ...known,
    logger: false,
    debug: false,
    transactionLog: false,
  };
}

function policyOf(value: unknown): UncertainPolicy {
  if (value === undefined || value === 'resend') return 'resend';
  if (value === 'hold') return 'hold';
  if (value === 'reconcile') {
    throw new ExplainedError(
      'uncertain=reconcile in SMTP_URL is not available yet: use uncertain=resend or uncertain=hold.',
    );
  }
  throw new ExplainedError('uncertain= in SMTP_URL is resend or hold.');
}

function limitOf(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new ExplainedError(`${name}= in SMTP_URL is a whole number above 0.`);
}
