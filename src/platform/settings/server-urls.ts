import { imapParameterNames } from '../mail/inbound/imap-url.js';
import { smtpParameterNames } from '../mail/smtp/smtp-url-parameters.js';
import { findMeantName } from './known-names.js';

/** What an address of a server may be: several words in SMTP_URL, one in the others. */
type ServerUrlRules = {
  protocols: readonly string[];
  example: string;
  path: RegExp;
  parameters: readonly string[];
  /** Where the parameters are explained. */
  explained: string;
};

const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export const POSTGRES_URL: ServerUrlRules = {
  protocols: ['postgres:', 'postgresql:'],
  example: 'postgres://user:password@host/paperround',
  path: /^[^@]*$/,
  // Those of node-postgres, and channel_binding, which hosters put into the addresses that they give away.
  parameters: (
    'host port user password ssl sslmode sslcert sslkey sslrootcert sslnegotiation uselibpqcompat channel_binding ' +
    'application_name fallback_application_name options client_encoding statement_timeout lock_timeout ' +
    'idle_in_transaction_session_timeout query_timeout connectionTimeoutMillis keepAlive keepAliveInitialDelayMillis ' +
    'enableChannelBinding'
  ).split(' '),
  explained: 'https://node-postgres.com/apis/client',
};

export const REDIS_URL: ServerUrlRules = {
  protocols: ['redis:', 'rediss:'],
  example: 'redis://host:6379',
  path: /^\/?\d*$/,
  parameters: ['db', 'family', 'username', 'password', 'keepAlive', 'noDelay', 'connectionName'],
  explained: 'https://github.com/redis/ioredis',
};

export const SMTP_URL: ServerUrlRules = {
  protocols: ['smtp:', 'smtps:'],
  example: 'smtps://user:password@smtp.example.com',
  path: /^\/?$/,
  parameters: smtpParameterNames,
  explained: 'docs/mail-server.md',
};

export const IMAP_URL: ServerUrlRules = {
  protocols: ['imap:', 'imaps:'],
  example: 'imaps://user:password@imap.example.com/INBOX',
  path: /^[^@]*$/,
  parameters: imapParameterNames,
  explained: 'docs/bounces.md',
};

/** For a value that cannot be read: half a password may stand anywhere in it, so nothing of it is shown. */
const HOW_TO_WRITE_PASSWORDS =
  'in a user or password the characters @ : / ? # % are written %40 %3A %2F %3F %23 %25, a space %20, and in .env a value with # stands in quotes';

/**
 * What is wrong with an address of a server, as the end of a sentence; undefined: nothing. It names no part of the address
 * but a parameter.
 */
export function findServerUrlMistake(text: string, rules: ServerUrlRules): string | undefined {
  const { protocols, example, path, explained } = rules;
  const unreadable = `is not an address like ${example}; ${HOW_TO_WRITE_PASSWORDS}`;
  if (/\s/.test(text)) return `is one address, without spaces; ${HOW_TO_WRITE_PASSWORDS}`;
  if (!URL.canParse(text) || !/^[a-z]+:\/\/[^/?#]/i.test(text) || !isDecodable(text)) return unreadable;
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) return unreadable;
  // An unencoded / ? # or @ ends the host early, and what follows is the rest of a password.
  if (text.includes('#') || /^[a-z]+:\/\/[^/?#]*[/?#].*@/i.test(text) || !path.test(url.pathname))
    return unreadable;
  const names = [...url.searchParams.keys()];
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) return `has ${shown(repeated)} twice`;
  const unknown = names.find((name) => !rules.parameters.includes(name));
  if (unknown !== undefined) {
    const meant = findMeantName(unknown, rules.parameters);
    return `has ${shown(unknown)}, which means nothing: ${meant === undefined ? `${explained} says which there are` : `${meant} is meant, it seems`}`;
  }
  const sslMode = url.searchParams.get('sslmode');
  return sslMode === null || SSL_MODES.includes(sslMode)
    ? undefined
    : `has an sslmode that there is not; there are ${SSL_MODES.join(', ')}`;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text.replace(/\?.*$/s, ''));
    return true;
  } catch {
    return false;
  }
}

/** A parameter's name, unless it may be something else. */
function shown(name: string): string {
  return /^[A-Za-z][\w.-]{0,39}$/.test(name) ? `the parameter ${name}` : 'a parameter';
}
