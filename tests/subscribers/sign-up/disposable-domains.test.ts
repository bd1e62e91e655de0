import { expect, test } from '@jest/globals';
import { isDisposableDomain } from '../../../src/subscribers/sign-up/disposable-domains.js';

test('throw-away mailboxes are known, also below their domain', async () => {
  for (const domain of [
    'mailinator.com',
    'inbox.mailinator.com',
    'guerrillamail.com',
    'yopmail.com',
    '10minutemail.com',
  ])
    expect([domain, await isDisposableDomain(domain)]).toEqual([domain, true]);
});

test('forwarding services that protect a reader’s address, and ordinary mail domains, are not among them', async () => {
  const welcome = `duck.com privaterelay.appleid.com icloud.com mozmail.com relay.firefox.com passmail.net passmail.com
    passinbox.com passfwd.com simplelogin.com simplelogin.co aleeas.com slmail.me slmails.com silomails.com dralias.com
    8alias.com 8shield.net addy.io anonaddy.com anonaddy.me wanjiru.anonaddy.com mailer.me opayq.com maskmy.id
    fastmail.com proton.me tuta.com posteo.de mailbox.org riseup.net disroot.org gmail.com gmx.de yahoo.com com`;
  for (const domain of welcome.split(/\s+/))
    expect([domain, await isDisposableDomain(domain)]).toEqual([domain, false]);
});
