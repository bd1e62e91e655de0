import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readConfig } from '../../../src/platform/config.js';
import { sql } from '../../../src/platform/db/sql.js';
import { deriveKey } from '../../../src/platform/crypto/keys.js';
import { signMessage } from '../../../src/platform/mail/dkim/signer.js';
import { formatDkimRecord } from '../../../src/platform/mail/dkim/dns-record.js';
import { rewrapSecrets } from '../../../src/platform/crypto/wrapped-keys.js';
import { activateDkimKeys, lookUpKeys } from '../../../src/transports/dkim/activate-keys.js';
import {
  dkimSecretName,
  normalizeSigningDomain,
  dkimKeyState,
  type StoredDkimKey,
} from '../../../src/transports/dkim/key.js';
import { listDkimKeys } from '../../../src/transports/dkim/reads.js';
import { loadSigner } from '../../../src/transports/dkim/load-signer.js';
import {
  createDkimKeys,
  rotateDkimKeys,
  type CreateKeysResult,
} from '../../../src/transports/dkim/create-keys.js';
import { verifySignatures, type DnsZone } from '../../platform/mail/dkim/verifier.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { dumpTables } from '../../support/table-dump.js';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';

const domain = 'lantern.example';
const quick = { domain, algorithms: ['ed25519-sha256'] } as const;
const raw = Buffer.from('From: news@lantern.example\r\nSubject: Hello\r\n\r\nGood morning\r\n');
const secret = randomBytes(32).toString('hex');
let database: TestDatabase;
let dns: DnsServer;
let time: Date;

beforeAll(async () => {
  database = await createTestDatabase();
  dns = await startDnsServer();
});

beforeEach(async () => {
  time = new Date('2026-11-22T09:00:00Z');
  await database.db.run(sql`delete from dkim_keys`);
  await database.db.run(sql`delete from wrapped_keys`);
});

afterEach(() => dns.records.clear());

afterAll(() => Promise.all([database.close(), dns.close()]));

/** The context of another process with these SECRET_KEYs: it has cached nothing. */
function processWith(...secrets: string[]) {
  return {
    db: { ...database.db },
    now: () => time,
    actor: { kind: 'command-line' as const },
    config: readConfig({ SECRET_KEY: secrets.join(' '), LOG_LEVEL: 'silent' }),
  };
}

function resolve(name: string): Promise<string[][]> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([dns.address]);
  return resolver.resolveTxt(name);
}

function publish(keys: readonly StoredDkimKey[]): void {
  for (const key of keys) dns.records.set(formatDkimRecord(key).name, [formatDkimRecord(key).strings]);
}

function keysOf(made: CreateKeysResult): StoredDkimKey[] {
  if (made.kind !== 'created') throw new Error(`Not made: ${made.kind}`);
  return made.keys;
}

async function verificationResults(context: ReturnType<typeof processWith>): Promise<string[] | undefined> {
  const signer = await loadSigner(context, domain);
  if (signer === undefined) return undefined;
  const zone: DnsZone = new Map([...dns.records].map(([name, [strings = []]]) => [name, strings]));
  return verifySignatures(signMessage(signer, raw), zone);
}

const pass = (milliseconds: number) => (time = new Date(time.getTime() + milliseconds));

test('new keys sign nothing until the DNS shows both records, and then both sign', async () => {
  const context = processWith(secret);
  const keys = keysOf(
    await createDkimKeys(context, { domain, algorithms: ['rsa-sha256', 'ed25519-sha256'] }),
  );
  expect(keys.map(({ selector, algorithm }) => [selector, algorithm])).toEqual([
    ['pr-2026-11-rsa', 'rsa-sha256'],
    ['pr-2026-11-ed25519', 'ed25519-sha256'],
  ]);
  expect(await loadSigner(context, domain)).toBeUndefined();
  publish(keys.slice(0, 1));
  const before = await dumpTables(database.db);
  expect(await activateDkimKeys(context, domain, resolve)).toMatchObject({
    kind: 'unpublished',
    lookups: [{ lookup: { kind: 'published' } }, { lookup: { kind: 'missing' } }],
  });
  expect(await dumpTables(database.db)).toEqual(before);
  publish(keys);
  expect(await activateDkimKeys(context, domain, resolve)).toMatchObject({ kind: 'activated', retired: [] });
  expect(await verificationResults(processWith(secret))).toEqual(['pass', 'pass']);
  expect(await activateDkimKeys(context, domain, resolve)).toEqual({ kind: 'none-waiting' });
  expect(await loadSigner(processWith(secret), 'other.example')).toBeUndefined();
});

test('a running worker notices new keys within a minute', async () => {
  const worker = processWith(secret);
  expect(await verificationResults(worker)).toBeUndefined();
  publish(keysOf(await createDkimKeys(processWith(secret), quick)));
  await activateDkimKeys(processWith(secret), domain, resolve);
  expect(await verificationResults(worker)).toBeUndefined();
  pass(60_000);
  expect(await verificationResults(worker)).toEqual(['pass']);
  const [first, second] = await Promise.all([loadSigner(worker, domain), loadSigner(worker, domain)]);
  expect(first).toBe(second);
});

test('old keys sign until the next ones are active; then they are retired, and their private halves deleted', async () => {
  const context = processWith(secret);
  const [old] = keysOf(await createDkimKeys(context, quick));
  expect(await rotateDkimKeys(context, quick)).toEqual({ kind: 'waiting' });
  expect(await createDkimKeys(context, quick)).toEqual({ kind: 'waiting' });
  await activateDkimKeys(context, domain, undefined);
  expect(await createDkimKeys(context, quick)).toEqual({ kind: 'signing' });
  expect(await rotateDkimKeys(context, { ...quick, domain: 'other.example' })).toEqual({ kind: 'none' });
  const [next] = keysOf(await rotateDkimKeys(context, quick));
  expect(next?.selector).toBe('pr-2026-11-ed25519-2');
  publish([old, next].filter((key) => key !== undefined));
  const signer = await loadSigner(processWith(secret), domain);
  expect(signer?.sign('From: a\r\n', [])).toContain('s=pr-2026-11-ed25519;');
  expect(await activateDkimKeys(context, domain, resolve)).toMatchObject({
    keys: [{ selector: next?.selector }],
    retired: [{ selector: old?.selector }],
  });
  const fresh = await loadSigner(processWith(secret), domain);
  expect(fresh?.sign('From: a\r\n', []).match(/s=[^;]*/g)).toEqual(['s=pr-2026-11-ed25519-2']);
  expect((await listDkimKeys(database.db)).map(dkimKeyState)).toEqual(['retired', 'signing']);
  const kept = await database.db.many<{ purpose: string }>(sql`select purpose from wrapped_keys`);
  expect(kept).toEqual([{ purpose: dkimSecretName(next?.id ?? '') }]);
});

test('of several that create or activate keys at once one does', async () => {
  const contexts = Array.from({ length: 4 }, () => processWith(secret));
  const made = await Promise.all(contexts.map((context) => createDkimKeys(context, quick)));
  expect(made.map(({ kind }) => kind).toSorted()).toEqual(['created', 'waiting', 'waiting', 'waiting']);
  const activated = await Promise.all(
    contexts.map((context) => activateDkimKeys(context, domain, undefined)),
  );
  expect(activated.filter(({ kind }) => kind === 'activated')).toHaveLength(1);
  expect((await listDkimKeys(database.db)).map(dkimKeyState)).toEqual(['signing']);
});

test('a change of SECRET_KEY leaves every key usable, also one that still waits', async () => {
  const [signing] = keysOf(await createDkimKeys(processWith(secret), quick));
  await activateDkimKeys(processWith(secret), domain, undefined);
  const [waiting] = keysOf(await rotateDkimKeys(processWith(secret), quick));
  publish([signing, waiting].filter((key) => key !== undefined));
  const fresh = randomBytes(32).toString('hex');
  await rewrapSecrets(database.db, [deriveKey(fresh), deriveKey(secret)]);
  expect(await verificationResults(processWith(fresh))).toEqual(['pass']);
  expect(await activateDkimKeys(processWith(fresh), domain, resolve)).toMatchObject({ kind: 'activated' });
  expect(await verificationResults(processWith(fresh))).toEqual(['pass']);
  const newest = randomBytes(32).toString('hex');
  // Also without a restart, opening a key wraps it again.
  expect(await verificationResults(processWith(newest, fresh))).toEqual(['pass']);
  expect(await verificationResults(processWith(newest))).toEqual(['pass']);
});

test('a key that no SECRET_KEY opens stops the mail, with a reason, until it can be opened again', async () => {
  publish(keysOf(await createDkimKeys(processWith(secret), quick)));
  await activateDkimKeys(processWith(secret), domain, undefined);
  const stranger = randomBytes(32).toString('hex');
  const context = processWith(stranger);
  await rewrapSecrets(database.db, [deriveKey(stranger)]);
  await expect(loadSigner(context, domain)).rejects.toMatchObject({
    name: 'UserFacingError',
    message: expect.stringMatching(/made under another SECRET_KEY.*held back.*Put the old key back/),
  });
  // A failure is not cached.
  context.config = processWith(stranger, secret).config;
  expect(await verificationResults(context)).toEqual(['pass']);
  await database.db.run(sql`delete from wrapped_keys`);
  await expect(loadSigner(processWith(secret), domain)).rejects.toThrow('has lost its private half');
});

test('the database contains neither private half', async () => {
  await createDkimKeys(processWith(secret), { domain, algorithms: ['rsa-sha256', 'ed25519-sha256'] });
  const rows = await database.db.many<{ wrapped: Buffer }>(sql`select wrapped from wrapped_keys`);
  expect(rows).toHaveLength(2);
  // PKCS #8 starts with its version, then the object identifier of RSA or Ed25519.
  for (const { wrapped } of rows) {
    expect(wrapped.includes(Buffer.from('2a864886f70d010101', 'hex'))).toBe(false);
    expect(wrapped.includes(Buffer.from('06032b6570', 'hex'))).toBe(false);
  }
});

test('a record counts however its tags are written, and not when it is another, or one of two', async () => {
  const keys = keysOf(await createDkimKeys(processWith(secret), quick));
  const [key] = keys;
  if (key === undefined) throw new Error('No key');
  const { name, strings } = formatDkimRecord(key);
  const look = async (...found: string[][]) => {
    dns.records.set(name, found);
    const [looked] = await lookUpKeys(keys, resolve);
    return looked?.lookup.kind;
  };
  const middle = key.publicKey.slice(0, 20);
  expect(await look(strings)).toBe('published');
  expect(await look([`k = ed25519 ;p=${middle}`, ` ${key.publicKey.slice(20)};  v=DKIM1; t=s; `])).toBe(
    'published',
  );
  expect(await look([`v=DKIM1; p=${key.publicKey}`])).toBe('different');
  expect(await look([`v=DKIM1; k=ed25519; p=${middle}`])).toBe('different');
  expect(await look(['v=DKIM1; k=ed25519; p='])).toBe('different');
  expect(await look(strings, ['v=spf1 -all'])).toBe('different');
  dns.records.clear();
  expect((await lookUpKeys(keys, resolve))[0]?.lookup).toEqual({ kind: 'missing' });
  const failing = () => Promise.reject(Object.assign(new Error('late'), { code: 'ETIMEOUT' }));
  expect((await lookUpKeys(keys, failing))[0]?.lookup).toEqual({ kind: 'no-answer', reason: 'ETIMEOUT' });
  expect(await activateDkimKeys(processWith(secret), domain, failing)).toMatchObject({ kind: 'unpublished' });
});

test('domains are stored in lower case and as A-labels, and an invalid one gets no key', async () => {
  expect(normalizeSigningDomain('Lantern.Example.')).toBe('lantern.example');
  expect(normalizeSigningDomain('bücher.example')).toBe('xn--bcher-kva.example');
  for (const none of [
    '',
    'localhost',
    '127.0.0.1',
    '[::1]',
    'a b.example',
    'a..example',
    'x'.repeat(64) + '.example',
    '-a.example',
    'a.example; s=x',
  ]) {
    expect(normalizeSigningDomain(none)).toBeUndefined();
    expect(await loadSigner(processWith(secret), none)).toBeUndefined();
  }
  await createDkimKeys(processWith(secret), quick);
  await activateDkimKeys(processWith(secret), domain, undefined);
  expect(await loadSigner(processWith(secret), 'LANTERN.example')).toBeDefined();
});
