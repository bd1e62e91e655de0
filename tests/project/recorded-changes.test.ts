import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/**
 * What is written and is no change that an operator or a reader would recognise as one: files with statements, or one function
 * of such a file behind a `#`, by reason.
 */
const unrecorded: Record<string, string[]> = {
  'single deliveries and mails, with their batches and leases: the row of their digest says what was decided':
    [
      'deliveries/writes.ts',
      'deliveries/alerts/writes.ts',
      'deliveries/batches/writes.ts',
      'deliveries/control/writes.ts',
      'deliveries/mailed/writes.ts',
      'deliveries/notices/writes.ts',
      'deliveries/plan/writes.ts',
      'deliveries/preview/writes.ts',
      'deliveries/reconcile/writes.ts',
      'deliveries/recover/writes.ts',
      'deliveries/self-service/writes.ts',
      'deliveries/send/writes.ts',
      'digests/compose/writes.ts',
      'digests/open/writes.ts#incrementLastBatch',
      'digests/open/writes.ts#insertVariants',
      'digests/open/writes.ts#endInstantPlanning',
      'digests/open/writes.ts#endPlanning',
    ],
  'what was heard of single mails: what it does to readers is recorded': [
    'events/record/writes.ts',
    'events/writes.ts#clearEventWords',
    'events/writes.ts#deleteInboundMailsOf',
    ...[
      'insertRequest',
      'markRequestRecorded',
      'postponeRequest',
      'recordHookEvent',
      'returnTestBounces',
    ].map((name) => `events/providers/writes.ts#${name}`),
    'subscribers/suppression/soft-bounce-writes.ts',
  ],
  'what has been kept for its time': [
    'events/writes.ts#deleteEventsBefore',
    'events/providers/writes.ts#deleteRequestsBefore',
    'events/providers/writes.ts#deleteTestBouncesBefore',
    'deliveries/purge/writes.ts',
    'subscribers/erase/purge-writes.ts',
    'subscribers/erase/writes.ts#deleteRequestsOfSubscriptions',
    'subscribers/leave/writes.ts#deleteLeaveReasons',
    'subscribers/attack/writes.ts#deleteExpiredProofs',
    'subscribers/confirm/writes.ts#deleteOldVisits',
    'subscribers/suppression/writes.ts#deleteOldRecentBounces',
    'digests/writes.ts#deleteRenderings',
    'digests/writes.ts#markDetailsDeleted',
    'operators/activity/writes.ts',
    'operators/access-writes.ts#deleteExpiredEntryLinks',
    'operators/access-writes.ts#deleteExpiredSessions',
    'operators/access-writes.ts#deleteOldIdempotencyKeys',
    'operators/access-writes.ts#deleteStoredResponsesAbout',
    'operators/invitations/writes.ts#deleteOldInvitations',
  ],
  'what a poll finds of a feed, and what a hub says': [
    'articles/feeds/poll-writes.ts',
    'articles/feeds/hub-writes.ts',
    'articles/ingest/sighting-writes.ts#recordSightings',
    'articles/ingest/writes.ts#insertIdentityKeys',
    'articles/ingest/writes.ts#setCategories',
  ],
  'what is done with many readers at once, and how far it is: each of them has a row': [
    'subscribers/together/writes.ts',
    'subscribers/suppression/file-writes.ts',
  ],
  'an import and what its files hold: it is recorded when it was added, started, stopped or taken back': [
    'subscribers/import/writes.ts',
    'subscribers/import/file-writes.ts',
    'subscribers/import/reader-writes.ts',
  ],
  'what old links name: the import that brings them is recorded': ['subscribers/old-links/writes.ts'],
  'what a program asked to take out: that readers were is recorded': ['exports/writes.ts'],
  'what is counted or looked up beforehand': [
    'digests/calendar/writes.ts#replaceDueCounts',
    'subscribers/suppression/hash-writes.ts',
    'publications/writes.ts#recordCheck',
  ],
  'how a webhook of a provider stands, which its requests say, and its tests': [
    ...['setHookState', 'recordRefusal', 'claimTestBounce', 'insertTestBounce', 'recordTestBounce'].map(
      (name) => `events/providers/writes.ts#${name}`,
    ),
  ],
  'locks, numbers and watermarks': [
    'events/providers/writes.ts#lockHooks',
    'articles/writes.ts',
    'publications/writes.ts#lockSequence',
    'publications/writes.ts#lockSequenceForShare',
    'publications/writes.ts#advanceSequence',
    'publications/writes.ts#advanceInstantPlanned',
    'subscribers/due/writes.ts',
    'transports/dkim/writes.ts#lockDkimKeys',
    'digests/drafts/writes.ts#lockDrafts',
  ],
  'a form or a request that nobody has confirmed: what follows from the click is recorded': [
    'subscribers/sign-up/writes.ts#insertRequests',
    'subscribers/sign-up/writes.ts#recordDecision',
    'subscribers/sign-up/writes.ts#addToLimits',
    'subscribers/sign-up/writes.ts#addFormCounts',
    'subscribers/attack/writes.ts#insertUsedProof',
    'subscribers/mail-cap/writes.ts',
    'subscribers/preferences/writes.ts#insertLinkRequest',
    'subscribers/preferences/writes.ts#takeLinkRequest',
    'subscribers/address-change/writes.ts#insertAddressChange',
    'subscribers/address-change/writes.ts#cancelUnconfirmedAddressChanges',
    'subscribers/writes.ts#findOrCreateSubscriber',
    'subscribers/writes.ts#findOrCreateSubscription',
    'subscribers/writes.ts#deleteSubscribersWithoutSubscription',
  ],
  'the proof of a consent, beside the row of the change': ['subscribers/consent/writes.ts'],
  'how mail servers do: circuits open and close by themselves, and are kept for 30 days': [
    'transports/provider-limits/writes.ts#upsertProviderLimit',
    'transports/provider-limits/writes.ts#deleteProviderLimit',
    'transports/writes.ts',
    'transports/circuits/writes.ts#insertCircuit',
    'transports/circuits/writes.ts#reopenCircuit',
    'transports/circuits/writes.ts#closeRecoveredCircuit',
    'transports/circuits/writes.ts#recordReached',
    'transports/limits/writes.ts',
  ],
  'what somebody signs in with: what follows from a change of it is recorded': [
    'operators/credentials/writes.ts',
  ],
  'signing in, and that a token was used': [
    'operators/account-writes.ts#lockOperator',
    'operators/account-writes.ts#lockRights',
    'operators/account-writes.ts#markEmailConfirmed',
    'operators/recovery/writes.ts',
    'operators/access-writes.ts#insertEntryLink',
    'operators/access-writes.ts#markEntryLinkUsed',
    'operators/access-writes.ts#recordTokenUse',
    'operators/access-writes.ts#tryLockIdempotencyKey',
    'operators/access-writes.ts#insertIdempotencyKey',
  ],
};

/** Whoever imports one of these records what it changes. */
const RECORDERS = /\/record-(?:activity|changes|suppressions)\.js$/;

type Import = { names: string[]; from: string };
type Source = { path: string; imports: Import[]; functions: string[] };

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts'))
  .map(readSource);
const isWrites = (path: string) => /(?:^|[/-])writes\.ts$/.test(path);
const excepted = new Set(Object.values(unrecorded).flat());
const writes = sources.filter(({ path }) => isWrites(path));

test('whoever changes something records it, or stands in the list of what is no such change', () => {
  const written = writes.flatMap(({ path, functions }) => functions.map((name) => `${path}#${name}`));
  expect(written.length).toBeGreaterThan(150);
  const silent = sources
    .filter(({ path, imports }) => !isWrites(path) && !imports.some(({ from }) => RECORDERS.test(from)))
    .flatMap(({ path, imports }) =>
      imports
        .flatMap(({ names, from }) => names.map((name) => `${fileOf(path, from)}#${name}`))
        .filter((name) => written.includes(name) && !isExcepted(name))
        .map((name) => `${path}: ${name}`),
    );
  expect(silent).toEqual([]);
});

test('every line of that list is there', () => {
  const known = new Set(
    writes.flatMap(({ path, functions }) => [path, ...functions.map((name) => `${path}#${name}`)]),
  );
  expect([...excepted].filter((name) => !known.has(name))).toEqual([]);
});

function isExcepted(name: string): boolean {
  return excepted.has(name) || excepted.has(name.split('#')[0] ?? '');
}

function readSource(file: string): Source {
  const text = readFileSync(join(root, file), 'utf8');
  const imports = [...text.matchAll(/^(?:import|export) \{([^}]*)\} from '([^']+)';/gms)];
  const functions = [...text.matchAll(/^export (?:async )?function (\w+)/gm)];
  return {
    path: file.replace(/^src\//, ''),
    imports: imports.map(([, names = '', from = '']) => ({
      names: names.split(',').map((name) => name.trim().split(' as ')[0] ?? ''),
      from,
    })),
    functions: functions.flatMap(([, name]) => name ?? []),
  };
}

/** `./writes.js` in `digests/change-state.ts` is `digests/writes.ts`. */
function fileOf(path: string, from: string): string {
  return normalize(join(dirname(path), from)).replace(/\.js$/, '.ts');
}
