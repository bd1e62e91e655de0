import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { unsubscribeToken } from '../../../src/deliveries/mail-urls.js';
import { unsubscribeMailbox } from '../../../src/deliveries/unsubscribe-mailbox.js';
import { findReportedMails } from '../../../src/events/inbound/find-reported.js';
import { eraseEvents } from '../../../src/events/erase-events.js';
import { purgeInbound } from '../../../src/events/inbound/purge-inbound.js';
import { rereadInbound } from '../../../src/events/inbound/reread.js';
import { sql } from '../../../src/platform/db/sql.js';
import { readReport } from '../../../src/platform/mail/reports/read-report.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { bounceReport, DOMAIN, openInboundApp, type InboundApp } from './inbound-app.js';

let inbound: InboundApp;

beforeAll(async () => {
  inbound = await openInboundApp();
});
beforeEach(() => inbound.reset());
afterAll(() => inbound.close());

const run = () => inbound.app.runDueJobs();
const withOtherFirstLetter = (text: string) => text.replace(/^./, (letter) => (letter === 'a' ? 'b' : 'a'));

describe('a report', () => {
  test('that comes to the return path of a mail is recorded with its delivery', async () => {
    const { sent, send, mails, events, ada } = inbound;
    expect(sent.from).toMatch(/^[a-z2-7]{40}@bounce\.lantern\.example$/);
    expect(await send(sent.from, bounceReport(sent))).toMatch(/^250/);
    expect(await mails()).toEqual([{ source: 'smtp', state: 'waiting', reason: null }]);
    await run();
    expect(await mails()).toEqual([{ source: 'smtp', state: 'recorded', reason: null }]);
    expect(await events()).toEqual([
      { source: 'smtp', class: 'hard', status: '5.1.1', match: 'delivery', subscriptionId: ada.id },
    ]);
  });

  test('that comes three times is one mail', async () => {
    const { sent, send, mails, events } = inbound;
    for (let at = 0; at < 2; at++) expect(await send(sent.from, bounceReport(sent))).toMatch(/^250/);
    await run();
    await send(sent.from, bounceReport(sent));
    await run();
    expect(await mails()).toHaveLength(1);
    expect(await events()).toHaveLength(1);
  });

  test('from a file is known by the address in its own header, in whatever case servers write it', async () => {
    const { sent, ingest, events, ada } = inbound;
    const to = sent.from.toUpperCase();
    await ingest({ text: bounceReport({ ...sent, raw: 'X: y\r\n\r\n' }, { to }) });
    await run();
    expect(await events()).toMatchObject([{ source: 'file', match: 'delivery', subscriptionId: ada.id }]);
  });

  test('that is read again by a newer version is the same event', async () => {
    const { sent, send, mails, events, app } = inbound;
    await send(sent.from, bounceReport(sent));
    await run();
    expect(await rereadInbound(app.context, { onlyFailed: true })).toBe(0);
    expect(await rereadInbound(app.context, { onlyFailed: false })).toBe(1);
    expect(await mails()).toMatchObject([{ state: 'waiting' }]);
    await run();
    expect(await mails()).toMatchObject([{ state: 'recorded' }]);
    expect(await events()).toHaveLength(1);
  });

  test('is explained with the delivery that it would count for, and changes nothing', async () => {
    const { sent, events, mails, app, ada } = inbound;
    const explained = (text: string) => findReportedMails(app.context, readReport(Buffer.from(text)));
    expect(await explained(bounceReport(sent))).toEqual([
      expect.stringMatching(new RegExp(`^[0-9a-f-]{36}/${ada.id}$`)),
    ]);
    const forged = {
      from: withOtherFirstLetter(sent.from),
      raw: 'Message-ID: <forged@lantern.example>\r\n\r\n',
    };
    expect(await explained(bounceReport(forged, { to: forged.from }))).toEqual([undefined]);
    expect([await events(), await mails()]).toEqual([[], []]);
  });

  test('to an address with one letter changed is refused', async () => {
    const { sent, send, mails } = inbound;
    expect(await send(withOtherFirstLetter(sent.from), bounceReport(sent))).toMatch(/^550 5\.1\.1 /);
    expect(await send(`postmaster@${DOMAIN}`, bounceReport(sent))).toMatch(/^550/);
    expect(await mails()).toEqual([]);
  });
});

describe('a mail that cannot be read', () => {
  test('is marked with what failed, keeps no other waiting, and is read again when it is asked for', async () => {
    const { sent, send, mails, events, app } = inbound;
    const { db } = app.context;
    await db.run(sql`
      create function refuse_event() returns trigger language plpgsql as
      $$ begin if new.status = '5.2.2' then raise exception 'refused' using errcode = '22023'; end if; return new; end $$
    `);
    await db.run(
      sql`create trigger refuse_event before insert on events for each row execute function refuse_event()`,
    );
    try {
      await send(sent.from, bounceReport(sent, { status: '5.2.2' }));
      await send(sent.from, bounceReport(sent));
      await run();
    } finally {
      await db.run(sql`drop function refuse_event cascade`);
    }
    expect(await mails()).toMatchObject([
      { state: 'failed', reason: '22023' },
      { state: 'recorded', reason: null },
    ]);
    expect(await rereadInbound(app.context, { onlyFailed: true })).toBe(1);
    await run();
    expect(await mails()).toMatchObject([{ state: 'recorded' }, { state: 'recorded' }]);
    expect(await events()).toHaveLength(2);
  });

  test('of octets that are no mail is kept, and nothing follows', async () => {
    const { ingest, mails } = inbound;
    await ingest({ raw: Buffer.from([0, 255, 10, 13, 0, 200]) });
    await run();
    expect(await mails()).toEqual([{ source: 'file', state: 'ignored', reason: 'not-for-us' }]);
  });
});

describe('a mail to unsubscribe', () => {
  const status = async () =>
    (await inbound.app.context.db.one<{ status: string }>(sql`select status from subscriptions`)).status;

  test('is named by the digest, and ends her subscription when it is taken, whoever it is from', async () => {
    const { sent, send, mails, app } = inbound;
    const header = /^List-Unsubscribe: (.*)$/m.exec(sent.raw)?.[1]?.trim() ?? '';
    const [, url, address = ''] =
      /^<(https?:[^>]+)>, <mailto:([^>?]+)\?subject=unsubscribe>$/.exec(header) ?? [];
    expect(url).toMatch(/\/unsubscribe\/[\w-]{34}$/);
    expect(address.indexOf('@')).toBeLessThanOrEqual(64);
    const text = 'From: Somebody <else@nowhere.example>\nSubject: unsubscribe\n\n';
    expect(await send(address.toUpperCase(), text, 'else@nowhere.example')).toMatch(/^250/);
    expect(await status()).toBe('unsubscribed');
    expect(await send(address, text, 'else@nowhere.example')).toMatch(/^250/);
    await run();
    expect(await mails()).toMatchObject([{ source: 'smtp', state: 'unsubscribed', reason: null }]);
    const left = sql`select from activity where kind = 'subscription.unsubscribed'`;
    expect(await app.context.db.many(left)).toHaveLength(1);
  });

  test('with one letter changed ends nothing', async () => {
    const { send, app, ada } = inbound;
    const token = unsubscribeMailbox(unsubscribeToken(app.context, ada)).slice('unsubscribe-'.length);
    const address = `unsubscribe-${withOtherFirstLetter(token)}@${DOMAIN}`;
    expect(await send(address, 'Subject: x\n\n')).toMatch(/^550/);
    expect(await status()).toBe('confirmed');
  });

  test('does not end what she confirmed after it had come', async () => {
    const { ingest, app, ada } = inbound;
    const address = `${unsubscribeMailbox(unsubscribeToken(app.context, ada))}@${DOMAIN}`;
    await ingest({ text: `To: ${address}\nSubject: unsubscribe\n\n` });
    app.advanceClock(DAY_MS);
    await app.context.db.run(sql`update subscriptions set confirmed_at = ${app.context.now()}`);
    await run();
    expect(await status()).toBe('confirmed');
  });
});

describe("a person's mail to a return path", () => {
  const letter = (headers = '') =>
    `From: Ada <ada@example.com>\nTo: ${inbound.sent.from}\nSubject: About the buoy\n${headers}\nIt is yellow. Please unsubscribe me.`;

  test('is passed on to replyTo as it came, once, by a mail that nobody answers', async () => {
    const { sent, send, mails, app } = inbound;
    for (let at = 0; at < 2; at++) await send(sent.from, letter(), 'ada@example.com');
    await run();
    expect(await mails()).toEqual([{ source: 'smtp', state: 'forwarded', reason: null }]);
    expect(app.smtp.messages.map(({ from, to }) => [from, to])).toEqual([['', 'editor@lantern.example']]);
    const raw = app.smtp.messages[0]?.raw ?? Buffer.alloc(0);
    expect(raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    const { attachments } = await PostalMime.parse(raw, { forceRfc822Attachments: true });
    expect(attachments.map(({ mimeType }) => mimeType)).toEqual(['message/rfc822']);
    expect(Buffer.from(attachments[0]?.content as ArrayBuffer).toString()).toContain('It is yellow.');
    expect(await app.context.db.many(sql`select status from subscriptions`)).toEqual([
      { status: 'confirmed' },
    ]);
  });

  test('that a program wrote is not passed on', async () => {
    const { sent, send, mails, app } = inbound;
    const written = ['Auto-Submitted: auto-generated\n', 'Precedence: bulk\n', 'List-Id: <x.example>\n'];
    for (const headers of written) await send(sent.from, letter(headers), 'ada@example.com');
    await send(sent.from, letter(), '');
    await send(sent.from, letter('X-Other: 1\n'), 'no-reply@example.com');
    await run();
    expect(app.smtp.messages).toEqual([]);
    const states = (await mails()).map(({ state }) => state);
    expect(states).toHaveLength(5);
    expect(states.filter((state) => state === 'forwarded' || state === 'failed')).toEqual([]);
  });

  test('is kept where the publication has no replyTo', async () => {
    const { sent, send, mails, app } = inbound;
    await app.context.db.run(sql`update publications set reply_to = null`);
    await send(sent.from, letter(), 'ada@example.com');
    await run();
    expect(await mails()).toEqual([{ source: 'smtp', state: 'ignored', reason: 'no-reply-to' }]);
  });

  test('is passed on a hundred times a day, and then kept', async () => {
    const { sent, ingest, mails, app } = inbound;
    const { db, now } = app.context;
    await db.run(sql`
      insert into notices (kind, cause_id, publication_id, state, expires_at, created_at, updated_at)
      select 'forward', uuidv7(), (select id from publications), 'accepted', ${now()}, ${now()}, ${now()}
        from generate_series(1, 99)
    `);
    const envelope = { envelopeTo: [sent.from], envelopeFrom: 'ada@example.com' };
    for (const number of [100, 101]) await ingest({ text: letter(`X-Number: ${number}\n`), ...envelope });
    await run();
    expect(app.smtp.messages).toHaveLength(1);
    expect(await mails()).toContainEqual({ source: 'file', state: 'ignored', reason: 'too-many' });
  });

  test('whose octets would not pass every server is attached as a file', async () => {
    const { sent, ingest, app } = inbound;
    await ingest({
      raw: Buffer.concat([Buffer.from(letter()), Buffer.from([0, 255, 254]), Buffer.alloc(2000, 'x')]),
      envelopeTo: [sent.from],
      envelopeFrom: 'ada@example.com',
    });
    await run();
    const { attachments } = await PostalMime.parse(app.smtp.messages[0]?.raw ?? '');
    expect(attachments.map(({ mimeType, filename }) => [mimeType, filename])).toEqual([
      ['application/octet-stream', 'mail.eml'],
    ]);
  });
});

test('what came about a reader goes when she is erased, and nothing else', async () => {
  const { sent, send, ingest, mails, app, ada } = inbound;
  await send(sent.from, bounceReport(sent));
  await ingest({ text: 'Subject: other\n\n' });
  await run();
  await eraseEvents(app.context, ada.id);
  expect(await mails()).toEqual([{ source: 'file', state: 'ignored', reason: 'not-for-us' }]);
});

test('what came is kept for thirty days and no longer', async () => {
  const { sent, send, mails, app } = inbound;
  await send(sent.from, bounceReport(sent));
  await run();
  const { id } = await app.context.db.one<{ id: string }>(sql`select id from inbound_mails`);
  const age = async (days: number) => {
    const at = new Date(app.context.now().getTime() - days * DAY_MS);
    const prefix = at.getTime().toString(16).padStart(12, '0');
    const aged = `${prefix.slice(0, 8)}-${prefix.slice(8)}${id.slice(13)}`;
    await app.context.db.run(sql`update inbound_mails set received_at = ${at}, id = ${aged}`);
    await purgeInbound(app.context);
    return mails();
  };
  expect(await age(29.9)).toHaveLength(1);
  expect(await age(30.1)).toHaveLength(0);
});
