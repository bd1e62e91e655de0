import { expect, test } from '@jest/globals';
import { findReaderTables } from '../../../../src/subscribers/import/read/find-reader-tables.js';
import { openArchive, type ArchiveSource } from '../../../../src/subscribers/import/read/open-archive.js';
import { openTable } from '../../../../src/subscribers/import/read/open-table.js';
import { zipArchive, type ZipFile } from '../../../support/zip-archive.js';

const now = new Date('2026-12-01T00:00:00Z');

/** As an upload is kept: in parts, which are read from their beginning. */
function kept(bytes: Buffer): ArchiveSource & { isOpen: number } {
  const source = {
    size: bytes.length,
    isOpen: 0,
    async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
      source.isOpen += 1;
      try {
        for (let at = start; at < end; at += 1000) yield bytes.subarray(at, Math.min(end, at + 1000));
      } finally {
        source.isOpen -= 1;
      }
    },
  };
  return source;
}

async function open(files: readonly ZipFile[]) {
  const opened = await openArchive(kept(zipArchive(files)));
  if (opened.kind === 'mistake') throw new Error(opened.mistake);
  return opened.entries;
}

async function mistakeOf(bytes: Buffer): Promise<string> {
  const opened = await openArchive(kept(bytes));
  return opened.kind === 'mistake' ? opened.mistake : opened.kind;
}

const readers = 'email,created_at\nada@example.com,2023-04-21\n';

test('an export of Mailchimp is three tables, each of its own people', async () => {
  const times = 'OPTIN_TIME,CONFIRM_TIME,LEID,EUID';
  const person = 'ada@example.com,2023-04-21 11:16:57,2023-04-21 11:16:57,1,a';
  const found = await findReaderTables(
    await open([
      { path: 'subscribed_members_export_1.csv', content: `Email Address,${times}\n${person}\n` },
      {
        path: 'unsubscribed_members_export_1.csv',
        content: `Email Address,${times},UNSUB_TIME\n${person},2024-01-01\n`,
      },
      {
        path: 'cleaned_members_export_1.csv',
        content: `Email Address,${times},CLEAN_TIME\n${person},2024-01-01\n`,
      },
    ]),
    now,
  );
  const kinds = found.map((file) =>
    'suggestion' in file ? [file.suggestion.preset, file.suggestion.kind] : file,
  );
  expect(kinds).toEqual([
    ['mailchimp', 'subscribed'],
    ['mailchimp', 'unsubscribed'],
    ['mailchimp', 'cleaned'],
  ]);
});

test('of an export of Substack the list of readers is found among its posts and what became of their mails', async () => {
  const source = kept(
    zipArchive([
      {
        path: 'posts.csv',
        content: 'post_id,post_date,is_published,email_sent_at\n1.a,2023-01-01,true,2023-01-01\n',
      },
      { path: 'posts/1.a.html', content: '<p>ada@example.com</p>' },
      {
        path: 'posts/1.opens.csv',
        content: 'post_id,timestamp,email,post_type\n1,2023-01-01,ada@example.com,newsletter\n',
      },
      {
        path: 'opened.csv',
        content: 'post_id,timestamp,email,post_type\n1,2023-01-01,ada@example.com,newsletter\n',
      },
      { path: '__MACOSX/._email_list.csv', content: 'x@example.com' },
      {
        path: 'email_list.ada.csv',
        content:
          'email,active_subscription,expiry,plan,email_disabled,created_at\nada@example.com,false,,other,true,2023-04-21\n',
      },
    ]),
  );
  const opened = await openArchive(source);
  const entries = opened.kind === 'archive' ? opened.entries : [];
  const found = await findReaderTables(entries, now);
  expect(
    found.map(({ entry, ...rest }) => [entry.path, 'leftOut' in rest ? rest.leftOut : rest.suggestion]),
  ).toEqual([
    ['posts.csv', 'no-addresses'],
    ['opened.csv', 'events'],
    [
      'email_list.ada.csv',
      {
        preset: 'substack',
        kind: 'mixed',
        columns: ['email', 'ignore', 'ignore', 'ignore', 'has-left', 'joined'],
      },
    ],
  ]);
  expect(source.isOpen).toBe(0);
});

test('a table is read out of an archive as out of a file of its own', async () => {
  const rows = Array.from({ length: 50_000 }, (_, at) => `reader${at}@example.com,2023-04-21\n`);
  const source = kept(
    zipArchive([{ path: 'a/b/readers.csv', content: `email,created_at\n${rows.join('')}` }]),
  );
  const opened = await openArchive(source);
  const [entry] = opened.kind === 'archive' ? opened.entries : [];
  const table = entry === undefined ? undefined : await openTable(await entry.open());
  if (table?.kind !== 'table') throw new Error('No table');
  let count = 0;
  for await (const batch of table.table.rows()) count += batch.length;
  expect(count).toBe(50_000);
  expect(source.isOpen).toBe(0);
});

test.each<[string, Buffer, string]>([
  ['bytes of another kind', Buffer.from('email\nada@example.com\n'), 'not-an-archive'],
  [
    'an archive that was cut off',
    zipArchive([{ path: 'a.csv', content: readers }]).subarray(0, -30),
    'not-an-archive',
  ],
  ['a workbook', zipArchive([{ path: '[Content_Types].xml', content: '<Types/>' }]), 'spreadsheet'],
  ['nothing but pictures', zipArchive([{ path: 'a.png', content: 'x' }]), 'no-tables'],
  [
    'a path that climbs',
    zipArchive([{ path: '../../etc/cron.d/readers.csv', content: readers }]),
    'climbing-path',
  ],
  [
    'a path that climbs with backslashes',
    zipArchive([{ path: 'a\\..\\..\\readers.csv', content: readers }]),
    'climbing-path',
  ],
  ['a path from the root', zipArchive([{ path: '/etc/readers.csv', content: readers }]), 'climbing-path'],
  ['an encrypted table', zipArchive([{ path: 'a.csv', content: readers, isEncrypted: true }]), 'encrypted'],
  [
    'a table that unpacks a thousandfold',
    zipArchive([{ path: 'a.csv', content: Buffer.alloc(17 * 1024 ** 2, 'a') }]),
    'too-large',
  ],
  [
    'more than can be kept',
    zipArchive([
      { path: 'a.csv', content: readers, claims: 4_294_967_290 },
      { path: 'b.csv', content: readers, claims: 9e6 },
    ]),
    'too-large',
  ],
])('%s ends with a sentence', async (_, bytes, mistake) => {
  expect(await mistakeOf(bytes)).toBe(mistake);
});

test('an archive of 60,000 files ends with a sentence before they are listed', async () => {
  const archive = zipArchive([{ path: 'a.csv', content: readers }]);
  archive.writeUInt16LE(60_000, archive.length - 12);
  expect(await mistakeOf(archive)).toBe('too-many-entries');
});

test('a table that is larger than its archive claims is not read to its end', async () => {
  const content = `email\n${'ada@example.com\n'.repeat(40_000)}`;
  const [entry] = await open([{ path: 'a.csv', content, claims: 300_000 }]);
  const read = async () => {
    const opened = await openTable((await entry?.open()) ?? raise());
    if (opened.kind === 'table') for await (const _ of opened.table.rows());
  };
  await expect(read()).rejects.toThrow(/too many bytes/);
});

test('a source that fails is no mistake of the archive’s', async () => {
  const source: ArchiveSource = {
    size: 1000,
    // oxlint-disable-next-line require-yield
    async *read() {
      throw new Error('The database is away');
    },
  };
  await expect(openArchive(source)).rejects.toThrow('The database is away');
});

function raise(): never {
  throw new Error('No entry');
}
