import type { Page } from 'playwright-core';
import { sql } from '../../../src/platform/db/sql.js';
import { parseImapUrl } from '../../../src/platform/mail/inbound/imap-url.js';
import type { Fixture } from '../fixture.js';

const ON = {
  bounceDomain: 'bounces.harbour-lantern.example',
  inboundPort: 2525,
  imapUrl: 'imaps://bounces:secret@imap.university-of-the-outer-harbour.example/Bounces',
};
const OFF = { bounceDomain: undefined, inboundPort: undefined, imapUrl: undefined };

/** What comes back is heard by SMTP and not in the mailbox, and two mails could not be read, while the page is loaded. */
export async function addInboundTrouble(page: Page, { testApp }: Fixture, path: string): Promise<void> {
  const { config, db, now } = testApp.context;
  const { key, name } = parseImapUrl(ON.imapUrl);
  await db.run(sql`
    insert into mailboxes (key, name, failing_since, failed_at, failure, failure_reason)
    values (${key}, ${name}, ${now()}, ${now()}, 'login', 'Authentication failed.')
  `);
  await db.run(sql`
    insert into inbound_mails (sha256, raw, source, received_at, state, reason, processed_at)
    values ('1', '', 'smtp', ${now()}, 'failed', '22023', ${now()}), ('2', '', 'smtp', ${now()}, 'failed', '22023', ${now()})
  `);
  Object.assign(config, ON);
  await page.goto(testApp.url + path);
  Object.assign(config, OFF);
  await db.run(sql`delete from mailboxes`);
  await db.run(sql`delete from inbound_mails`);
}
