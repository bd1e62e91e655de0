import { expect, test } from '@jest/globals';
import { openTable } from '../../../../src/subscribers/import/read/open-table.js';
import { readValues } from '../../../../src/subscribers/import/read/read-values.js';
import { suggestColumns, type Suggestion } from '../../../../src/subscribers/import/read/suggest-columns.js';

const now = new Date('2026-12-01T00:00:00Z');

/** What is suggested for a file, and what of it each reader becomes: her address up to the @, status, when she joined and left. */
async function read(
  text: string | Buffer,
  fileName = 'readers.csv',
): Promise<{ suggestion: Suggestion; rows: unknown[] }> {
  const opened = await openTable(source(Buffer.from(text)));
  if (opened.kind === 'mistake') throw new Error(opened.mistake);
  const { header, sample } = opened.table;
  const cells = sample.map((row) => ('cells' in row ? row.cells : [String(row.mistake)]));
  const suggestion = suggestColumns({ header, rows: cells, fileName, now });
  const rows = cells.map((one) => {
    const result = readValues(suggestion.columns, one, { ...suggestion, dateOrder: 'iso', now });
    if (result.kind === 'mistake') return result.mistake;
    const { email, status, joinedAt, leftAt } = result.row;
    return [
      email.key.split('@')[0],
      status,
      joinedAt?.toISOString().slice(0, 10),
      leftAt?.toISOString().slice(0, 10),
    ];
  });
  return { suggestion, rows };
}

async function* source(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('Ghost: who has switched emails off, and who was deleted', async () => {
  const { suggestion, rows } = await read(
    `id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
1,a@example.com,Ada,,true,false,,2021-03-04T10:11:12.000Z,,"vip,beta",
2,b@example.com,,"two
lines",false,false,cus_1,2021-03-05T10:11:12.000Z,,,Gold
`,
    'members.2026-11-30.csv',
  );
  expect(suggestion).toMatchObject({ preset: 'ghost', kind: 'mixed' });
  expect(rows).toEqual([
    ['a', 'subscribed', '2021-03-04', undefined],
    ['b', 'unsubscribed', '2021-03-05', undefined],
  ]);
});

test('Substack today: a list with plans, of which only the switch for emails matters', async () => {
  const { suggestion, rows } = await read(
    `email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at
a@example.com,false,,other,false,2025-01-01T00:00:00.000Z,
b@example.com,true,2027-07-01T00:00:00.000Z,yearly,true,2025-06-01T00:00:00.000Z,2025-06-02T00:00:00.000Z
`,
    'email_list.ada.csv',
  );
  expect(suggestion).toMatchObject({ preset: 'substack', kind: 'mixed' });
  expect(rows).toEqual([
    ['a', 'subscribed', '2025-01-01', undefined],
    ['b', 'unsubscribed', '2025-06-01', undefined],
  ]);
});

test('beehiiv: whoever is inactive has left', async () => {
  const { suggestion, rows } = await read(
    `email,status,subscription_tier,created_at,utm_source
a@example.com,active,free,2023-04-21 11:16:57,twitter
b@example.com,inactive,free,2023-04-21 11:16:57,
c@example.com,invalid,free,2023-04-21 11:16:57,
d@example.com,pending,premium,2023-04-21 11:16:57,
`,
  );
  expect(suggestion).toMatchObject({ preset: 'beehiiv', kind: 'mixed' });
  expect(rows.map((row) => (row as string[])[1])).toEqual([
    'subscribed',
    'unsubscribed',
    'bounced',
    'unconfirmed',
  ]);
});

test('Kit: whoever is inactive has not confirmed', async () => {
  const { suggestion, rows } = await read(
    `id,first_name,email_address,state,created_at,tags
1,Ada,a@example.com,active,2023-01-27T11:43:55Z,"One, Two"
2,,b@example.com,inactive,2023-01-27T11:43:55Z,
3,,c@example.com,cancelled,2023-01-27T11:43:55Z,
4,,d@example.com,complained,2023-01-27T11:43:55Z,
5,,e@example.com,bounced,2023-01-27T11:43:55Z,
`,
  );
  expect(suggestion).toMatchObject({ preset: 'kit', kind: 'mixed' });
  expect(rows.map((row) => (row as string[])[1])).toEqual([
    'subscribed',
    'unconfirmed',
    'unsubscribed',
    'complained',
    'bounced',
  ]);
});

test('Buttondown: types, and the dates of leaving', async () => {
  const { suggestion, rows } = await read(
    `id,email_address,notes,metadata,tags,type,creation_date,unsubscription_date,source
1,a@example.com,met b@example.com,{},,regular,2023-01-27T11:43:55Z,,embedded_form
2,b@example.com,,"{""x"": 1}",,unsubscribed,2023-01-27T11:43:55Z,2024-01-01T00:00:00Z,
3,c@example.com,,,,unactivated,2023-01-27T11:43:55Z,,
4,d@example.com,,,,undeliverable,2023-01-27T11:43:55Z,,
5,e@example.com,,,,premium,2023-01-27T11:43:55Z,,
`,
  );
  expect(suggestion).toMatchObject({ preset: 'buttondown', kind: 'mixed' });
  expect(rows).toEqual([
    ['a', 'subscribed', '2023-01-27', undefined],
    ['b', 'unsubscribed', '2023-01-27', '2024-01-01'],
    ['c', 'unconfirmed', '2023-01-27', undefined],
    ['d', 'bounced', '2023-01-27', undefined],
    ['e', 'subscribed', '2023-01-27', undefined],
  ]);
});

test('listmonk: its dates as Go prints them, and who is blocklisted', async () => {
  const { suggestion, rows } = await read(
    `uuid,email,name,attributes,status,created_at,updated_at
5f1,a@example.com,Ada,"{""city"": ""Nairobi""}",enabled,2021-03-04 10:11:12.345678 +0000 UTC,2021-03-04 10:11:12.345678 +0000 UTC
5f2,b@example.com,,{},blocklisted,2021-03-04 10:11:12 +0300 EAT,2021-03-04 10:11:12 +0300 EAT
5f3,c@example.com,,{},disabled,2021-03-04 10:11:12 +0300 +0300,2021-03-04 10:11:12 +0300 +0300
`,
  );
  expect(suggestion).toMatchObject({ preset: 'listmonk', kind: 'mixed' });
  expect(rows).toEqual([
    ['a', 'subscribed', '2021-03-04', undefined],
    ['b', 'blocked', '2021-03-04', undefined],
    ['c', 'unsubscribed', '2021-03-04', undefined],
  ]);
});

test('MailPoet: its quotes with backslashes, and both of its statuses, of which the stricter counts', async () => {
  const { suggestion, rows } = await read(
    `\ufeff"Email","First name","Last name","Subscription IP","Subscription time","Confirmation time","Confirmation IP","List status","Global status","List"
"a@example.com","Ada \\"the\\", first","","","2021-03-04 10:11:12","2021-03-04 10:12:12","","subscribed","subscribed","News"
"b@example.com","\\"","","","2021-03-04 10:11:12","","","subscribed","unsubscribed","News"
"c@example.com","","","","2021-03-04 10:11:12","","","unsubscribed","subscribed","News"
"d@example.com","","","","2021-03-04 10:11:12","","","subscribed","inactive","News"
"e@example.com","","","","2021-03-04 10:11:12","","","subscribed","bounced","News"
"f@example.com","","","","2021-03-04 10:11:12","","","subscribed","unconfirmed","News"
`,
  );
  expect(suggestion).toMatchObject({ preset: 'mailpoet', kind: 'mixed' });
  expect(rows.map((row) => (row as string[]).slice(0, 3))).toEqual([
    ['a', 'subscribed', '2021-03-04'],
    ['b', 'unsubscribed', '2021-03-04'],
    ['c', 'unsubscribed', '2021-03-04'],
    ['d', 'subscribed', '2021-03-04'],
    ['e', 'bounced', '2021-03-04'],
    ['f', 'unconfirmed', '2021-03-04'],
  ]);
});

test('Jetpack: who has not confirmed, and whom it does not mail', async () => {
  const { suggestion, rows } = await read(
    `Email address,Name,Subscription date,Email subscription status
a@example.com,Ada,2021-03-04 10:11:12,Subscribed
b@example.com,,2021-03-04 10:11:12,Not confirmed
c@example.com,,2021-03-04 10:11:12,Not sending
d@example.com,,2021-03-04 10:11:12,Not subscribed
`,
  );
  expect(suggestion).toMatchObject({ preset: 'jetpack', kind: 'mixed' });
  expect(rows.map((row) => (row as string[])[1])).toEqual([
    'subscribed',
    'unconfirmed',
    'bounced',
    'unsubscribed',
  ]);
});

test('Keila: who is unreachable', async () => {
  const { suggestion, rows } = await read(
    `Email,First name,Last name,Status,Data
a@example.com,Ada,,active,"{""tags"": [""x""]}"
b@example.com,,,unreachable,
c@example.com,,,unsubscribed,
`,
  );
  expect(suggestion).toMatchObject({ preset: 'keila', kind: 'mixed' });
  expect(rows.map((row) => (row as string[])[1])).toEqual(['subscribed', 'bounced', 'unsubscribed']);
});

test.each<[string, string]>([
  ['email', 'notes'],
  ['E-Mail', 'Referrer email'],
  ['Email Address', 'invited_by'],
  ['emailAddress', 'friend'],
  ['correo', 'jefe'],
  ['البريد الإلكتروني', 'x'],
])('%s is the address, and not %s, though it holds one', async (name, other) => {
  const { suggestion } = await read(
    `${other},${name}\nx@example.com,a@example.com\ny@example.com,b@example.com\n`,
  );
  expect(suggestion.columns).toEqual(['ignore', 'email']);
});

test('of two columns that may both be hers none is chosen', async () => {
  const { suggestion } = await read('email,email address\na@example.com,b@example.com\n');
  expect(suggestion.columns).toEqual(['ignore', 'ignore']);
});

test('a column called email without addresses is none', async () => {
  const { suggestion } = await read('email,contact\nyes,a@example.com\nno,b@example.com\n');
  expect(suggestion.columns).not.toContain('email');
});

test('without a header the only column of addresses is theirs; of two, none', async () => {
  expect((await read('Ada,a@example.com\nBea,b@example.com\n')).suggestion.columns).toEqual([
    'ignore',
    'email',
  ]);
  expect((await read('a@example.com\nb@example.com\n')).suggestion.columns).toEqual(['email']);
  expect((await read('a@example.com,b@example.com\n')).suggestion.columns).toEqual(['ignore', 'ignore']);
});

test('a status in words that nobody knows is still a status: its rows are mistakes, and nobody comes in by chance', async () => {
  const { suggestion, rows } = await read(
    'email,status\na@example.com,grün\nb@example.com,active\nc@example.com,\n',
  );
  expect(suggestion.columns).toEqual(['email', 'status']);
  expect(rows).toEqual(['unknown-status', ['b', 'subscribed', undefined, undefined], 'unknown-status']);
});

test.each([
  ['unsubscribes.csv', 'unsubscribed'],
  ['opt-outs.csv', 'unsubscribed'],
  ['nonsubscribed_members_export_1.csv', 'unsubscribed'],
  ['cleaned.csv', 'cleaned'],
  ['bounces.txt', 'cleaned'],
  ['readers.csv', 'subscribed'],
])('%s is of people who are %s', async (fileName, kind) => {
  expect((await read('email\na@example.com\n', fileName)).suggestion.kind).toBe(kind);
});

test('JSON Lines, JSON arrays and arrays within an object are tables of their fields', async () => {
  const one = {
    email: 'a@example.com',
    state: { status: 'active' },
    created_at: '2023-04-21',
    tags: ['x', 'y'],
  };
  const two = { email: 'b@example.com', created_at: 1_682_075_817, unsubscribed_at: '2024-01-01' };
  const expected = [
    ['a', 'subscribed', '2023-04-21', undefined],
    ['b', 'unsubscribed', '2023-04-21', '2024-01-01'],
  ];
  const texts = [
    `${JSON.stringify(one)}\n\n${JSON.stringify(two)}`,
    JSON.stringify([one, two]),
    JSON.stringify([one, two], null, 2),
    JSON.stringify({ members: [one, two] }),
  ];
  for (const text of texts) expect((await read(text)).rows).toEqual(expected);
});
