import { readFileSync } from 'node:fs';
import type { SMTPConnectionAuth, SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl, type ConnectionUrlOptions } from 'nodemailer/lib/shared';
import wellKnown from 'nodemailer/lib/well-known';
import { UserFacingError } from '../../user-facing-error.js';
import { splitWords } from '../../text/split-words.js';
import { findProvider, providerIds, providerOf } from './providers.js';
import { parseParameters, type SmtpUrlParameters } from './smtp-url-parameters.js';

/** An SMTP server with our parameters for it. */
export type SmtpServerAddress = SmtpUrlParameters & {
  /** Host and port; when SMTP_URL names the same server twice, the second has `#2` behind it. */
  name: string;
  options: SMTPConnectionOptions;
  auth: SMTPConnectionAuth | undefined;
};

/**
 * Parses SMTP_URL: one or more URLs in Nodemailer's syntax, separated by spaces. Query parameters that `parseParameters` does
 * not know are Nodemailer's (requireTLS, name, tls.…).
 * @throws UserFacingError with a sentence for the operator, without the password
 */
export function parseSmtpUrls(smtpUrl: string): [SmtpServerAddress, ...SmtpServerAddress[]] {
  const urls = splitWords(smtpUrl);
  const [first, ...rest] = withDistinctNames(urls.map(parseSmtpUrl));
  if (first === undefined) throw new UserFacingError('SMTP_URL names no server.');
  return [first, ...rest];
}

function withDistinctNames(servers: SmtpServerAddress[]): SmtpServerAddress[] {
  return servers.map((server, at) => {
    const count = servers.slice(0, at).filter(({ name }) => name === server.name).length;
    return count === 0 ? server : { ...server, name: `${server.name}#${count + 1}` };
  });
}

function parseSmtpUrl(url: string): SmtpServerAddress {
  if (!/^smtps?:\/\/[^/?#]/i.test(url))
    throw new UserFacingError('Every server of SMTP_URL starts with smtp:// or smtps:// and a host.');
  const { auth, authMethod, service, ...query } = parseConnectionUrl(url);
  const options = connectionOptions(query, service);
  const parameters = parseParameters({ ...providerDefaults(options.host, query['provider']), ...query });
  return {
    ...parameters,
    name: nameOf(options),
    options: { ...options, tls: tlsOptions(options, parameters) },
    auth: auth && { ...auth, ...(typeof authMethod === 'string' ? { method: authMethod } : {}) },
  };
}

/** What is known of the company whose server it is: by `provider=`, or by its host. */
function providerDefaults(host: string | undefined, named: unknown) {
  const known = providerIds.find((id) => id === named);
  const { id, rewrites = false } = (known ? providerOf(known) : findProvider(host ?? '')) ?? {};
  return { rewrites, ...(id !== undefined && { provider: id }) };
}

/** The options of Nodemailer in the query. Its logger stays off, since it would log addresses. */
function connectionOptions(
  query: Record<string, unknown>,
  service: ConnectionUrlOptions['service'],
): SMTPConnectionOptions {
  const known = service === undefined ? {} : wellKnown(service) || {};
  return { ...query, ...known, logger: false, debug: false, transactionLog: false };
}

/**
 * The certificate of a server on this machine is not checked unless the query says otherwise: whoever could pretend to be that
 * server can read our memory too, and Debian's Postfix comes with a certificate that nobody has signed.
 */
function tlsOptions(
  { host = 'localhost', tls = {} }: SMTPConnectionOptions,
  { ca, proxy }: Pick<SmtpUrlParameters, 'ca' | 'proxy'>,
): NonNullable<SMTPConnectionOptions['tls']> {
  if (ca !== undefined) return { ...tls, ca: readCertificates(ca) };
  return proxy === undefined && isLoopback(host) ? { rejectUnauthorized: false, ...tls } : tls;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserFacingError(`The file ${path}, which ca= in SMTP_URL names, cannot be read (${code}).`);
  }
}

function nameOf({ host = 'localhost', port, secure }: SMTPConnectionOptions): string {
  const bare = host.toLowerCase();
  return `${bare.includes(':') ? `[${bare}]` : bare}:${port ?? (secure === true ? 465 : 587)}`;
}
