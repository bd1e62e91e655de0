import { mistakeWords } from './text/describe-mistakes.js';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import validator from 'validator';
import { z } from 'zod';
import { MIN_SECRET_LENGTH, UNSUBSCRIBE_ONLY_PREFIX } from './crypto/keys.js';
import { findImapUrlMistake } from './mail/inbound/imap-url.js';
import { findRefusal, isAllowListEntry, normaliseHost, parseAllowList } from './fetch/ssrf-guard.js';
import { findUnreadSettings } from './settings/known-names.js';
import { findServerUrlMistake, IMAP_URL, POSTGRES_URL, REDIS_URL, SMTP_URL } from './settings/server-urls.js';
import { findCalledUrlMistake, findPublicUrlMistake, normalisePublicUrl } from './settings/web-urls.js';
import { redactCredentials } from './text/redact.js';
import { splitWords } from './text/split-words.js';

/** Settings of the process, from the environment. Every name is listed in .env.example. */
export type Config = {
  production: boolean;
  host: string;
  port: number;
  /** PORT was set: then a taken port is an error; otherwise the next free one is used. */
  isPortGiven: boolean;
  /** Without a trailing slash. Absent: http://localhost with the port. */
  publicUrl: string | undefined;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  smtpUrl: string | undefined;
  /** The first signs, all verify. None: a key is made and stored in dataDir. */
  secretKeys: string[];
  dataDir: string;
  /** Where mail for BOUNCE_DOMAIN is taken by SMTP, on `host`. */
  inboundPort: number | undefined;
  /** Files with the certificate chain and the key for STARTTLS there, as PEM; undefined: one of our own that nobody has signed. */
  inboundTls: { certFile: string; keyFile: string } | undefined;
  /** The mailbox in which that mail is read. */
  imapUrl: string | undefined;
  fetchAllow: string[];
  trustProxy: string | undefined;
  /** In A-labels and lower case. Mails are returned to addresses in it; none: to the sender's own address. */
  bounceDomain: string | undefined;
  /** Where alerts are POSTed, besides being mailed. */
  alertUrl: string | undefined;
  /** What a worker calls each minute while all it needs works. */
  heartbeatUrl: string | undefined;
  logLevel: string;
  workerConnections: number;
  /** For so many months what became of each mail is kept, with the hash of its address. */
  retentionMonths: number;
  /** PATH, which is searched for a valkey-server or redis-server. */
  searchPath: string;
  /** Systemd started us and wants to be told (sd_notify(3)): that we are ready, and, within `watchdogMs`, that we go on. */
  systemd: { watchdogMs: number | undefined } | undefined;
  /** `npm start` or npx runs us. Scripts of others may start us and go. */
  isRunByNpm: boolean;
};

export class ConfigError extends Error {
  constructor(readonly mistakes: string[]) {
    super(mistakes.join('\n'));
  }
}

const withoutUnsubscribeOnlyPrefix = (word: string) =>
  word.startsWith(UNSUBSCRIBE_ONLY_PREFIX) ? word.slice(UNSUBSCRIBE_ONLY_PREFIX.length) : word;

/** A path, with its angle brackets, has at most 256 octets (RFC 5321 section 4.5.3.1.3), and a local part of ours 48. */
const MAX_BOUNCE_DOMAIN = 200;

const PROXY_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Text in which `findMistake` finds none; what it finds is the end of a sentence that begins with the setting's name. */
const checkedText = (findMistake: (text: string) => string | undefined) =>
  z.string().superRefine((text, issues) => {
    const message = findMistake(text);
    if (message !== undefined) issues.addIssue({ code: 'custom', message });
  });
const serverUrlSchema = (rules: typeof SMTP_URL) =>
  checkedText((text) => findServerUrlMistake(text.trim(), rules)).transform((text) => text.trim());
const calledUrlSchema = (example: string) =>
  checkedText((text) => findCalledUrlMistake(text, example)).transform((text) => text.trim());
const wholeNumberSchema = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `is a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const schema = z.object({
  NODE_ENV: z
    .enum(['production', 'development', 'test'], { error: 'is production, development or test' })
    .optional(),
  HOST: z
    .string()
    .refine((text) => isIP(text.trim()) !== 0 || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text.trim()), {
      error: 'is an address or a name of this machine, like 127.0.0.1 or 0.0.0.0, without a port',
    })
    .transform((text) => text.trim())
    .default('127.0.0.1'),
  PORT: wholeNumberSchema(0, 65535).optional(),
  PUBLIC_URL: checkedText(findPublicUrlMistake).transform(normalisePublicUrl).optional(),
  DATABASE_URL: serverUrlSchema(POSTGRES_URL).optional(),
  REDIS_URL: serverUrlSchema(REDIS_URL).optional(),
  SMTP_URL: checkedText((text) =>
    splitWords(text)
      .map((url) => findServerUrlMistake(url, SMTP_URL))
      .find((mistake) => mistake !== undefined),
  ).optional(),
  SECRET_KEY: z
    .string()
    .refine(
      (text) =>
        splitWords(text).every((word) => withoutUnsubscribeOnlyPrefix(word).length >= MIN_SECRET_LENGTH),
      {
        error: `needs at least ${MIN_SECRET_LENGTH} characters in each key; make one with: openssl rand -hex 32`,
      },
    )
    .refine((text) => !splitWords(text)[0]?.startsWith(UNSUBSCRIBE_ONLY_PREFIX), {
      error: `needs a key in front that may sign; one with ${UNSUBSCRIBE_ONLY_PREFIX} before it cannot`,
    })
    .default(''),
  INBOUND_PORT: wholeNumberSchema(1, 65535).optional(),
  INBOUND_TLS_CERT: z.string().trim().min(1).optional(),
  INBOUND_TLS_KEY: z.string().trim().min(1).optional(),
  IMAP_URL: checkedText(
    (text) => findServerUrlMistake(text.trim(), IMAP_URL) ?? findImapUrlMistake(text.trim()),
  )
    .transform((text) => text.trim())
    .optional(),
  DATA_DIR: z.string().default('.data'),
  FETCH_ALLOW: checkedText((text) => {
    const wrong = splitWords(text).find((entry) => !isAllowListEntry(entry));
    return wrong === undefined
      ? undefined
      : `has an entry that is no host, address or network (CIDR) and allows nothing: ${redactCredentials(wrong)}`;
  }).default(''),
  TRUST_PROXY: z
    .string()
    .refine(
      isTrustProxyValue,
      'is how many proxies stand before us, or their addresses, like 1 or 10.0.0.0/8',
    )
    .optional(),
  BOUNCE_DOMAIN: z
    .string()
    .transform((text) => domainToASCII(text.trim()).toLowerCase())
    .refine((domain) => validator.isFQDN(domain) && domain.length <= MAX_BOUNCE_DOMAIN, {
      error: 'is a domain of your own that takes bounces, like bounce.example.com',
    })
    .optional(),
  ALERT_URL: calledUrlSchema('https://alerts.example.com/paperround').optional(),
  HEARTBEAT_URL: calledUrlSchema('https://heartbeat.example.com/paperround').optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'is one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
  WORKER_CONNECTIONS: wholeNumberSchema(1, 500).default(10),
  RETENTION_MONTHS: wholeNumberSchema(1, 1200).default(24),
  PATH: z.string().default(''),
  NOTIFY_SOCKET: z.string().optional(),
  WATCHDOG_USEC: z.string().optional(),
  npm_lifecycle_event: z.string().optional(),
});

const NOT_SET_FOR_US = ['PATH', 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'npm_lifecycle_event'];

/** All settings that are set for us. A test compares .env.example with them. */
export const settingNames = Object.keys(schema.shape).filter((name) => !NOT_SET_FOR_US.includes(name));

const REQUIRED_IN_PRODUCTION = {
  DATABASE_URL: 'a Postgres 15 or newer, like postgres://user:password@host/paperround',
  SMTP_URL: 'your mail server, like smtps://user:password@smtp.example.com',
  SECRET_KEY: 'the key that signs every link; make one with: openssl rand -hex 32',
  PUBLIC_URL: 'the https address readers see, like https://news.example.com',
} as const;

/**
 * Reads the settings. An empty variable counts as absent.
 * @throws ConfigError with one sentence per mistake
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const production = given['NODE_ENV'] === 'production';
  const parsed = schema.safeParse(given, { error: mistakeWords });
  const invalid = parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`) ?? [];
  const mistakes = [
    ...invalid,
    ...(parsed.success ? [...findMissingDomain(given), ...findMissingTls(given)] : []),
    ...(production ? findMissingInProduction(given) : []),
  ];
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  const config = toConfig(parsed.data, production);
  const refused = findRefusedUrls(config);
  if (refused.length > 0) throw new ConfigError(refused);
  return config;
}

function toConfig(env: z.infer<typeof schema>, production: boolean): Config {
  return {
    production,
    host: env.HOST,
    port: env.PORT ?? 3000,
    isPortGiven: env.PORT !== undefined,
    publicUrl: env.PUBLIC_URL,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    smtpUrl: env.SMTP_URL,
    secretKeys: splitWords(env.SECRET_KEY),
    inboundPort: env.INBOUND_PORT,
    inboundTls:
      env.INBOUND_TLS_CERT === undefined || env.INBOUND_TLS_KEY === undefined
        ? undefined
        : { certFile: env.INBOUND_TLS_CERT, keyFile: env.INBOUND_TLS_KEY },
    imapUrl: env.IMAP_URL,
    dataDir: env.DATA_DIR,
    fetchAllow: [...splitWords(env.FETCH_ALLOW), ...(production ? [] : ['127.0.0.0/8', '::1', 'localhost'])],
    trustProxy: env.TRUST_PROXY,
    bounceDomain: env.BOUNCE_DOMAIN,
    alertUrl: env.ALERT_URL,
    heartbeatUrl: env.HEARTBEAT_URL,
    logLevel: env.LOG_LEVEL,
    workerConnections: env.WORKER_CONNECTIONS,
    retentionMonths: env.RETENTION_MONTHS,
    searchPath: env.PATH,
    isRunByNpm: ['start', 'npx'].includes(env.npm_lifecycle_event ?? ''),
    systemd: env.NOTIFY_SOCKET === undefined ? undefined : { watchdogMs: watchdogMs(env.WATCHDOG_USEC) },
  };
}

function watchdogMs(microseconds: string | undefined): number | undefined {
  const ms = Number(microseconds) / 1000;
  return ms > 0 ? ms : undefined;
}

/** Without a domain of its own no mail that comes back would be ours. */
function findMissingDomain(given: Record<string, string | undefined>): string[] {
  if (given['BOUNCE_DOMAIN'] !== undefined) return [];
  return ['INBOUND_PORT', 'IMAP_URL']
    .filter((name) => given[name] !== undefined)
    .map((name) => `${name} needs BOUNCE_DOMAIN, the domain whose mail comes in there.`);
}

/** A certificate is of no use without its key, and neither is either where nobody listens. */
function findMissingTls(given: Record<string, string | undefined>): string[] {
  const needs = (name: string, other: string) =>
    given[name] !== undefined && given[other] === undefined ? [`${name} needs ${other}.`] : [];
  return [
    ...needs('INBOUND_TLS_CERT', 'INBOUND_TLS_KEY'),
    ...needs('INBOUND_TLS_KEY', 'INBOUND_TLS_CERT'),
    ...needs('INBOUND_TLS_CERT', 'INBOUND_PORT'),
  ];
}

function findMissingInProduction(given: Record<string, string | undefined>): string[] {
  const mistakes = Object.entries(REQUIRED_IN_PRODUCTION)
    .filter(([name]) => given[name] === undefined)
    .map(([name, what]) => `${name} is missing: ${what}.`);
  if (protocolOf(given['PUBLIC_URL'] ?? '') === 'http:') {
    mistakes.push('PUBLIC_URL must be https in production: mail programs refuse one-click links over http.');
  }
  return mistakes;
}

/** One sentence for each variable that was probably meant for us, and is not read. */
export function findSettingWarnings(environment: Record<string, string | undefined>): string[] {
  return findUnreadSettings(Object.keys(environment), settingNames);
}

/** Of names it is known only when they are fetched; of addresses it is known now. */
function findRefusedUrls({ alertUrl, heartbeatUrl, fetchAllow }: Config): string[] {
  const allow = parseAllowList(fetchAllow);
  return Object.entries({ ALERT_URL: alertUrl, HEARTBEAT_URL: heartbeatUrl }).flatMap(([name, text]) => {
    if (text === undefined) return [];
    const url = new URL(text);
    const host = normaliseHost(url.hostname);
    if (isIP(host) === 0 || findRefusal(url, [host], allow) === undefined) return [];
    return [
      `${name} is at ${url.host}, which is private or has a port: it is called only if FETCH_ALLOW names it.`,
    ];
  });
}

/** Values of Express's "trust proxy": a number, or names, addresses and networks separated by commas. */
function isTrustProxyValue(text: string): boolean {
  const isNumber = /^(true|false|\d{1,3})$/.test(text);
  return isNumber || text.split(/\s*,\s*/).every((part) => PROXY_NAMES.has(part) || isNetwork(part));
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '1', ...rest] = text.split('/');
  const maxBits = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && rest.length === 0 && /^[1-9]\d*$/.test(bits) && Number(bits) <= maxBits;
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}
