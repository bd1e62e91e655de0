import type { SMTPConnectionAuth, SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl, type ConnectionUrlOptions } from 'nodemailer/lib/shared';
import wellKnown from 'nodemailer/lib/well-known';
import { UserFacingError } from '../../user-facing-error.js';
import { parseLimits, wholeNumber, type Query, type TransportLimits } from './transport-limits.js';

/** One SMTP server and how much of it we may use. */
export type SmtpServerAddress = {
  /** Host and port; of the same twice, the second has `#2` behind it. */
  name: string;
  options: SMTPConnectionOptions;
  auth: SMTPConnectionAuth | undefined;
  /** The URL of a proxy on the way. */
  proxy: string | undefined;
  limits: TransportLimits;
  /** Connections at once; undefined: as many as the worker has. */
  connections: number | undefined;
  messagesPerConnection: number;
  /** Connections at once that are busy with one recipient domain; undefined: any number. */
  domainConnections: number | undefined;
};

/** A server that wants fewer says 421, and the message that was to follow goes over another connection. */
const MAX_MESSAGES_PER_CONNECTION = 1000;

/**
 * Read SMTP_URL: one or more URLs in Nodemailer's syntax, separated by space. Query parameters of ours are those of
 * `TransportLimits`, `maxConnections`, `maxMessages` (of one connection), `domainConnections` and `proxy`; all others are
 * Nodemailer's (requireTLS, name, tls.…).
 * @throws one sentence for the operator, without the password
 */
export function parseSmtpUrls(smtpUrl: string): [SmtpServerAddress, ...SmtpServerAddress[]] {
  const urls = smtpUrl.split(/\s+/).filter((url) => url !== '');
  const [first, ...rest] = withDistinctNames(urls.map(parseSmtpUrl));
  if (first === undefined) throw new UserFacingError('SMTP_URL names no server.');
  return [first, ...rest];
}

function withDistinctNames(servers: SmtpServerAddress[]): SmtpServerAddress[] {
  return servers.map((server, at) => {
    const alike = servers.slice(0, at).filter(({ name }) => name === server.name).length;
    return alike === 0 ? server : { ...server, name: `${server.name}#${alike + 1}` };
  });
}

function parseSmtpUrl(url: string): SmtpServerAddress {
  if (!/^smtps?:\/\/[^/?#]/i.test(url))
    throw new UserFacingError('Every server of SMTP_URL starts with smtp:// or smtps:// and a host.');
  const { auth, authMethod, service, ...query } = parseConnectionUrl(url);
  const options = connectionOptions(query, service);
  return {
    name: nameOf(options),
    options,
    auth: auth && { ...auth, ...(typeof authMethod === 'string' ? { method: authMethod } : {}) },
    proxy: proxyOf(query['proxy']),
    limits: parseLimits(query),
    connections: wholeNumber('maxConnections', query['maxConnections']),
    messagesPerConnection: wholeNumber('maxMessages', query['maxMessages']) ?? MAX_MESSAGES_PER_CONNECTION,
    domainConnections: wholeNumber('domainConnections', query['domainConnections']),
  };
}

/** The rest of the query is Nodemailer's to understand. Its own logger stays off: it would write addresses down. */
function connectionOptions(query: Query, service: ConnectionUrlOptions['service']): SMTPConnectionOptions {
  const known = service === undefined ? {} : wellKnown(service) || {};
  return { ...query, ...known, logger: false, debug: false, transactionLog: false };
}

function nameOf({ host = 'localhost', port, secure }: SMTPConnectionOptions): string {
  const bare = host.toLowerCase();
  return `${bare.includes(':') ? `[${bare}]` : bare}:${port ?? (secure === true ? 465 : 587)}`;
}

function proxyOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^https?:\/\/[^/]/i.test(value)) return value;
  throw new UserFacingError('proxy= in SMTP_URL is the http:// or https:// address of a proxy, URL-encoded.');
}
