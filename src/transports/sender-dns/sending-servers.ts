import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Context } from '../../platform/context.js';
import { findProvider, type MailProvider } from '../../platform/mail/smtp/providers.js';

/** A mail server of ours, as SPF records are about it. */
export type SendingServer = {
  host: string;
  provider: MailProvider | undefined;
  /** It is on this machine or in its network: what addresses the world sees of it is not known for sure. */
  isLocal: boolean;
  /** The host whose addresses it probably sends from. */
  sendsFrom: string;
  /** What lets it pass in an SPF record (RFC 7208 section 5); null: that is not known here. */
  mechanism: string | null;
  /** SMTP_URL has nothing sent to it without TLS. */
  requiresTls: boolean;
};

/** Those of SMTP_URL, each host once. */
export function listSendingServers({
  mailer,
  publicUrl,
}: Pick<Context, 'mailer' | 'publicUrl'>): SendingServer[] {
  const hosts = [...new Set(mailer.transports.map(({ name }) => hostOf(name)))];
  return hosts.map((host) => ({
    ...describeServer(host, new URL(publicUrl).hostname),
    requiresTls: mailer.transports.every(({ name, requiresTls }) => hostOf(name) !== host || requiresTls),
  }));
}

/** `mail.example:587`, `[::1]:25#2` */
function hostOf(transportName: string): string {
  return transportName.replace(/:\d+(#\d+)?$/, '').replace(/^\[(.*)\]$/, '$1');
}

function describeServer(host: string, publicHost: string): Omit<SendingServer, 'requiresTls'> {
  const provider = findProvider(host);
  const isLocal = isInOwnNetwork(host);
  const sendsFrom = isLocal ? publicHost : host;
  const mechanism = provider === undefined ? mechanismOf(sendsFrom) : `include:${provider.spf}`;
  return { host, provider, isLocal, sendsFrom, mechanism };
}

function mechanismOf(host: string): string | null {
  if (isInOwnNetwork(host)) return null;
  const family = isIP(host.replace(/^\[|\]$/g, ''));
  return family === 0 ? `a:${host}` : `ip${family}:${host.replace(/^\[|\]$/g, '')}`;
}

/** A name without a dot is one of a private network. */
function isInOwnNetwork(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return ipaddr.parse(bare).range() !== 'unicast';
  return !host.includes('.') || /\.(local|internal|localhost)$/i.test(host);
}
