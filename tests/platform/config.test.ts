import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import fc from 'fast-check';
import { ConfigError, findSettingWarnings, readConfig, settingNames } from '../../src/platform/config.js';

const secret = '0123456789abcdef'.repeat(4);
const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://news.example.com',
  DATABASE_URL: 'postgres://user:password@host/paperround',
  SMTP_URL: 'smtps://user:password@smtp.example.com',
  SECRET_KEY: secret,
};

function mistakesIn(environment: Record<string, string | undefined>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).toBe(error.mistakes.join('\n'));
    return error.mistakes;
  }
}

/** What is said of every address with a user in it. */
const PASSWORDS =
  '; in a user or password the characters @ : / ? # % are written %40 %3A %2F %3F %23 %25' +
  ', a space %20, and in .env a value with # stands in quotes.';

test('nothing has to be set to try it out', () => {
  expect(readConfig({})).toEqual({
    production: false,
    host: '127.0.0.1',
    port: 3000,
    isPortGiven: false,
    publicUrl: undefined,
    databaseUrl: undefined,
    redisUrl: undefined,
    smtpUrl: undefined,
    secretKeys: [],
    inboundPort: undefined,
    imapUrl: undefined,
    dataDir: '.data',
    fetchAllow: ['127.0.0.0/8', '::1', 'localhost'],
    trustProxy: undefined,
    bounceDomain: undefined,
    alertUrl: undefined,
    heartbeatUrl: undefined,
    logLevel: 'info',
    workerConnections: 10,
    retentionMonths: 24,
    searchPath: '',
    isRunByNpm: false,
  });
});

test('an empty or blank variable is an absent one', () => {
  const names = Object.keys(production).concat('PORT', 'HOST', 'DATA_DIR', 'LOG_LEVEL', 'WORKER_CONNECTIONS');
  for (const blank of ['', '  ', '\n'])
    expect(readConfig(Object.fromEntries(names.map((name) => [name, blank])))).toEqual(readConfig({}));
});

test('what is set is used', () => {
  expect(
    readConfig({
      ...production,
      PUBLIC_URL: 'https://news.example.com//',
      PORT: '8080',
      HOST: '0.0.0.0',
      SECRET_KEY: ` ${secret}\n${secret.toUpperCase()} `,
      SMTP_URL: 'smtp://one.example smtps://user:pa%20ss@two.example?uncertain=hold',
      FETCH_ALLOW: '10.0.0.0/8 intranet.example',
      TRUST_PROXY: '1',
      BOUNCE_DOMAIN: ' Rückläufer.Example ',
      LOG_LEVEL: 'warn',
      WORKER_CONNECTIONS: '50',
      DATA_DIR: '/var/lib/paperround',
      RETENTION_MONTHS: '36',
      PATH: '/usr/bin',
    }),
  ).toMatchObject({
    production: true,
    publicUrl: 'https://news.example.com',
    port: 8080,
    isPortGiven: true,
    host: '0.0.0.0',
    secretKeys: [secret, secret.toUpperCase()],
    smtpUrl: 'smtp://one.example smtps://user:pa%20ss@two.example?uncertain=hold',
    fetchAllow: ['10.0.0.0/8', 'intranet.example'],
    trustProxy: '1',
    bounceDomain: 'xn--rcklufer-3za0v.example',
    logLevel: 'warn',
    workerConnections: 50,
    retentionMonths: 36,
    dataDir: '/var/lib/paperround',
    searchPath: '/usr/bin',
  });
});

test('proxies are taken in every form that Express understands', () => {
  for (const TRUST_PROXY of ['true', 'false', '2']) expect(mistakesIn({ TRUST_PROXY })).toEqual([]);
  for (const TRUST_PROXY of ['loopback', '10.0.0.1', '10.0.0.0/8, ::1', 'uniquelocal,fd00::/8']) {
    expect(mistakesIn({ TRUST_PROXY })).toEqual([]);
    expect(() => express().set('trust proxy', TRUST_PROXY)).not.toThrow();
  }
});

test('ways in for what comes back need a domain of its own', () => {
  const ways = {
    INBOUND_PORT: '2525',
    IMAP_URL: 'imaps://bounces:p%40ss@imap.example.com/Bounces?delete=true',
  };
  expect(mistakesIn(ways)).toEqual([
    'INBOUND_PORT needs BOUNCE_DOMAIN, the domain whose mail comes in there.',
    'IMAP_URL needs BOUNCE_DOMAIN, the domain whose mail comes in there.',
  ]);
  expect(readConfig({ ...ways, BOUNCE_DOMAIN: 'bounce.example.com' })).toMatchObject({ inboundPort: 2525 });
});

test('a certificate for what comes back is named with its key, where somebody listens', () => {
  expect(mistakesIn({ INBOUND_TLS_CERT: '/etc/cert.pem' })).toEqual([
    'INBOUND_TLS_CERT needs INBOUND_TLS_KEY.',
    'INBOUND_TLS_CERT needs INBOUND_PORT.',
  ]);
  expect(mistakesIn({ INBOUND_TLS_KEY: '/etc/key.pem' })).toEqual([
    'INBOUND_TLS_KEY needs INBOUND_TLS_CERT.',
  ]);
  const tls = { INBOUND_TLS_CERT: '/etc/cert.pem', INBOUND_TLS_KEY: '/etc/key.pem' };
  expect(readConfig({ ...tls, INBOUND_PORT: '2525', BOUNCE_DOMAIN: 'bounce.example.com' })).toMatchObject({
    inboundTls: { certFile: '/etc/cert.pem', keyFile: '/etc/key.pem' },
  });
});

describe('a wrong value stops the start with a sentence', () => {
  test.each([
    ['PORT', 'http', 'PORT is a whole number from 0 to 65535.'],
    ['PORT', '65536', 'PORT is a whole number from 0 to 65535.'],
    ['PORT', '-1', 'PORT is a whole number from 0 to 65535.'],
    ['PORT', '3000.5', 'PORT is a whole number from 0 to 65535.'],
    ['PORT', '1e3', 'PORT is a whole number from 0 to 65535.'],
    ['WORKER_CONNECTIONS', '0', 'WORKER_CONNECTIONS is a whole number from 1 to 500.'],
    ...['nginx', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.1;10.0.0.2', '10.0.0', '-1'].map((value) => [
      'TRUST_PROXY',
      value,
      'TRUST_PROXY is how many proxies stand before us, or their addresses, like 1 or 10.0.0.0/8.',
    ]),
    ...['bounce', 'bounce@example.com', 'a b.example', 'https://bounce.example.com', '10.0.0.1'].map(
      (value) => [
        'BOUNCE_DOMAIN',
        value,
        'BOUNCE_DOMAIN is a domain of your own that takes bounces, like bounce.example.com.',
      ],
    ),
    ['INBOUND_PORT', '0', 'INBOUND_PORT is a whole number from 1 to 65535.'],
    [
      'IMAP_URL',
      'imap.example.com',
      `IMAP_URL is not an address like imaps://user:password@imap.example.com/INBOX${PASSWORDS}`,
    ],
    [
      'IMAP_URL',
      'imaps://imap.example.com',
      'IMAP_URL needs a user and a password: imaps://user:password@host.',
    ],
    [
      'IMAP_URL',
      'imaps://a:b@imap.example.com?delet=true',
      'IMAP_URL has the parameter delet, which means nothing: delete is meant, it seems.',
    ],
    ['IMAP_URL', 'imaps://a:b@imap.example.com?delete=yes', 'IMAP_URL has delete, which is true or false.'],
    [
      'ALERT_URL',
      'alerts.example.com',
      'ALERT_URL is not an address like https://alerts.example.com/paperround.',
    ],
    ['ALERT_URL', 'https://a.example https://b.example', 'ALERT_URL is one address.'],
    [
      'HEARTBEAT_URL',
      'https://user:pass@heartbeat.example',
      'HEARTBEAT_URL has a user or a password, which are not sent; a secret goes into its path.',
    ],
    [
      'HEARTBEAT_URL',
      'https://10.0.0.1/beat',
      'HEARTBEAT_URL is at 10.0.0.1, which is private or has a port: it is called only if FETCH_ALLOW names it.',
    ],
    ['NODE_ENV', 'prod', 'NODE_ENV is production, development or test.'],
    ['NODE_ENV', 'Production', 'NODE_ENV is production, development or test.'],
    ...['http://0.0.0.0', '0.0.0.0:3000', '*', 'my host'].map((value) => [
      'HOST',
      value,
      'HOST is an address or a name of this machine, like 127.0.0.1 or 0.0.0.0, without a port.',
    ]),
    ['PUBLIC_URL', 'https://a.example https://b.example', 'PUBLIC_URL is one address.'],
    [
      'PUBLIC_URL',
      'https://user:secret@news.example',
      'PUBLIC_URL has a user or a password (@), which every reader would see.',
    ],
    ...['https://news.example/?a=1', 'https://news.example/#top'].map((value) => [
      'PUBLIC_URL',
      value,
      'PUBLIC_URL has a ? or #, behind which no page of ours can be.',
    ]),
    ...['https://news.example/caf%C3%A9', 'https://news.example/a//b', 'https://news.example/a,b'].map(
      (value) => [
        'PUBLIC_URL',
        value,
        'PUBLIC_URL has a path with other characters than letters, digits, . _ ~ and -.',
      ],
    ),
    ...['https://news.example/manage', 'https://news.example/x/archive/'].map((value) => [
      'PUBLIC_URL',
      value,
      `PUBLIC_URL has the word "${value.includes('manage') ? 'manage' : 'archive'}" in its path, as pages of ours are called.`,
    ]),
    ...[
      'http://feeds.example',
      '10.0.0.0/33',
      '10.0.0',
      '*.example',
      'a.example,b.example',
      'a.example:8080',
    ].map((value) => [
      'FETCH_ALLOW',
      `localhost ${value}`,
      `FETCH_ALLOW has an entry that is no host, address or network (CIDR) and allows nothing: ${value}.`,
    ]),
    [
      'SMTP_URL',
      'smtp://one.example smtp://two.example?persecond=14',
      'SMTP_URL has the parameter persecond, which means nothing: perSecond is meant, it seems.',
    ],
    [
      'SMTP_URL',
      'smtp://one.example?tls.rejectUnauthorised=false',
      'SMTP_URL has the parameter tls.rejectUnauthorised, which means nothing: tls.rejectUnauthorized is meant, it seems.',
    ],
    [
      'SMTP_URL',
      'smtp://one.example?speed=14',
      'SMTP_URL has the parameter speed, which means nothing: docs/mail-server.md says which there are.',
    ],
    ['SMTP_URL', 'smtp://one.example?perDay=1&perDay=2', 'SMTP_URL has the parameter perDay twice.'],
    [
      'DATABASE_URL',
      'postgres://host/db?sslmod=require',
      'DATABASE_URL has the parameter sslmod, which means nothing: sslmode is meant, it seems.',
    ],
    [
      'DATABASE_URL',
      'postgres://host/db?sslmode=requier',
      'DATABASE_URL has an sslmode that there is not; there are disable, prefer, require, verify-ca, verify-full, no-verify.',
    ],
    [
      'DATABASE_URL',
      'postgres://one.example/db postgres://two.example/db',
      `DATABASE_URL is one address, without spaces${PASSWORDS}`,
    ],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is one of trace, debug, info, warn, error, fatal, silent.'],
    ['PUBLIC_URL', 'news.example.com', 'PUBLIC_URL is not an address like https://news.example.com.'],
    ['REDIS_URL', 'host:6379', `REDIS_URL is not an address like redis://host:6379${PASSWORDS}`],
    [
      'DATABASE_URL',
      'mysql://host/paperround',
      `DATABASE_URL is not an address like postgres://user:password@host/paperround${PASSWORDS}`,
    ],
    [
      'SMTP_URL',
      'smtp://one.example two.example',
      `SMTP_URL is not an address like smtps://user:password@smtp.example.com${PASSWORDS}`,
    ],
    [
      'SECRET_KEY',
      `${secret} short`,
      'SECRET_KEY needs at least 32 characters in each key; make one with: openssl rand -hex 32.',
    ],
    [
      'SECRET_KEY',
      `${secret} unsubscribe-only:short`,
      'SECRET_KEY needs at least 32 characters in each key; make one with: openssl rand -hex 32.',
    ],
    [
      'SECRET_KEY',
      `unsubscribe-only:${secret}`,
      'SECRET_KEY needs a key in front that may sign; one with unsubscribe-only: before it cannot.',
    ],
  ])('%s=%s', (name, value, sentence) => {
    expect(mistakesIn({ [name]: value })).toEqual([sentence]);
  });

  test('all mistakes are reported at once', () => {
    const mistakes = mistakesIn({ PORT: 'x', LOG_LEVEL: 'x', REDIS_URL: 'x', SECRET_KEY: 'x' });
    expect(mistakes.map((sentence) => sentence.split(' ')[0])).toEqual([
      'PORT',
      'REDIS_URL',
      'SECRET_KEY',
      'LOG_LEVEL',
    ]);
  });
});

describe('production', () => {
  test('starts when everything is there', () => {
    expect(mistakesIn(production)).toEqual([]);
    expect(readConfig(production)).toMatchObject({ production: true, fetchAllow: [] });
  });

  test('says everything that is missing, and how to get it', () => {
    expect(mistakesIn({ NODE_ENV: 'production' })).toEqual([
      'DATABASE_URL is missing: a Postgres 15 or newer, like postgres://user:password@host/paperround.',
      'SMTP_URL is missing: your mail server, like smtps://user:password@smtp.example.com.',
      'SECRET_KEY is missing: the key that signs every link; make one with: openssl rand -hex 32.',
      'PUBLIC_URL is missing: the https address readers see, like https://news.example.com.',
    ]);
  });

  test.each(Object.keys(production).slice(1))('refuses to start without %s alone', (name) => {
    for (const absent of [undefined, '', ' ']) {
      expect(mistakesIn({ ...production, [name]: absent })).toEqual([
        expect.stringMatching(new RegExp(`^${name} is missing: .*\\.$`)),
      ]);
    }
  });

  test('refuses an address without https, however it is written', () => {
    for (const PUBLIC_URL of ['http://news.example.com', 'HTTP://news.example.com'])
      expect(mistakesIn({ ...production, PUBLIC_URL })).toEqual([
        'PUBLIC_URL must be https in production: mail programs refuse one-click links over http.',
      ]);
  });

  test('says what is wrong and what is missing at once', () => {
    expect(mistakesIn({ ...production, PORT: 'x', SMTP_URL: undefined })).toEqual([
      'PORT is a whole number from 0 to 65535.',
      expect.stringMatching(/^SMTP_URL is missing/),
    ]);
  });
});

test('no password is shown, however badly the address is written', () => {
  const hidden = fc
    .string({ minLength: 4, maxLength: 20 })
    .filter((text) => /^\S+$/.test(text))
    .map((text) => `Pass${text}word`);
  const wrong = fc.constantFrom(
    (password: string) => `mysql://user:${password}@host/paperround`,
    (password: string) => `user:${password}@host`,
    (password: string) => `postgres//user:${password}@host/paperround`,
    (password: string) => `://:${password}@host`,
    (password: string) => `http://user:${password}@host smtp://two.example`,
    (password: string) => `smtps://user:25#${password}@host`,
    (password: string) => `redis://user:25/${password}@host`,
    (password: string) => `postgres://user:25?${password}=x@host/paperround`,
    (password: string) => `postgres://user:${password}%zz@host/paperround`,
  );
  fc.assert(
    fc.property(
      hidden,
      wrong,
      fc.constantFrom('DATABASE_URL', 'REDIS_URL', 'SMTP_URL'),
      (password, write, name) => {
        const [sentence = ''] = mistakesIn({ [name]: write(password) });
        expect(sentence).toMatch(new RegExp(`^${name} is (not an address like|one address)`));
        expect(sentence).not.toContain(password);
        expect(sentence).not.toContain('Pass');
      },
    ),
  );
});

test('addresses that hosters give away, and every parameter that is explained, are taken', () => {
  for (const DATABASE_URL of [
    'postgresql://user:p%40ss@ep-cool.example/neondb?sslmode=require&channel_binding=require',
    'postgres://user:pass@db.example:25060/defaultdb?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    'postgres://user@%2Fvar%2Frun%2Fpostgresql/paperround?application_name=x',
  ])
    expect([DATABASE_URL, mistakesIn({ DATABASE_URL })]).toEqual([DATABASE_URL, []]);
  for (const REDIS_URL of ['rediss://default:pass@cache.example:6380/1', 'redis://[::1]:6379?family=6'])
    expect(mistakesIn({ REDIS_URL })).toEqual([]);
  const names = [...readFileSync('docs/mail-server.md', 'utf8').matchAll(/^\| `([a-z][\w.]*)=/gim)].map(
    ([, name]) => name,
  );
  for (const name of ['perSecond', 'mailLog', 'tls.rejectUnauthorized', 'requireTLS', 'name', ...names])
    expect([name, mistakesIn({ SMTP_URL: `smtp://mail.example?${name}=1` })]).toEqual([name, []]);
});

test.each([
  ['SMTP_URLS', 'SMTP_URLS is not read: SMTP_URL is.'],
  ['smtp_url', 'smtp_url is not read: SMTP_URL is.'],
  ['DATABASE_URI', 'DATABASE_URI is not read: DATABASE_URL is.'],
  ['PUBLICURL', 'PUBLICURL is not read: PUBLIC_URL is.'],
  ['PAPERROUND_SMTP_URL', 'PAPERROUND_SMTP_URL is not read: SMTP_URL is.'],
  ['PAPERROUND_PORT', 'PAPERROUND_PORT is not read: PORT is.'],
  ['PAPERROUND_COLOUR', 'PAPERROUND_COLOUR is not read: no setting is called so (.env.example).'],
])('%s is warned of', (name, sentence) => {
  expect(findSettingWarnings({ ...production, [name]: 'x' })).toEqual([sentence]);
});

test('what other programs have in the environment is not warned of', () => {
  const names =
    'HOME HOSTNAME HOSTTYPE LANG LOGNAME MAIL PWD OLDPWD SHELL SHLVL TERM TZ USER EDITOR PORTS DISPLAY LC_ALL NODE_PATH ' +
    'NODE_OPTIONS npm_config_cache XDG_DATA_DIRS SMTP_HOST SMTP_USER DB_URL REDIS_HOST CI POSTGRES_PASSWORD JAVA_HOME';
  expect(findSettingWarnings(Object.fromEntries(names.split(' ').map((name) => [name, 'x'])))).toEqual([]);
});

test('PUBLIC_URL may have a path, and is written in one way', () => {
  for (const [given, read] of Object.entries({
    'https://Site.example/News/': 'https://site.example/News',
    'HTTPS://site.example:443/a/b-c_d.e~f//': 'https://site.example/a/b-c_d.e~f',
    ' http://localhost:8080 ': 'http://localhost:8080',
  }))
    expect(readConfig({ PUBLIC_URL: given }).publicUrl).toBe(read);
});

test('a secret that is too short is not shown', () => {
  expect(mistakesIn({ SECRET_KEY: 'hunter2' })[0]).not.toContain('hunter2');
});

test('.env.example names every setting there is', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const named = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(settingNames));
});
