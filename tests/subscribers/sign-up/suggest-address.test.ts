import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COMMON_DOMAINS, SHORT_DOMAINS } from '../../../src/subscribers/sign-up/common-mail-domains.js';
import { repairAddress, suggestAddress } from '../../../src/subscribers/sign-up/suggest-address.js';
import { editDistance } from '../../../src/platform/text/edit-distance.js';

/** The domain that is suggested instead of this one. */
function meantBy(domain: string): string | undefined {
  return suggestAddress(`name@${domain}`)?.replace(/^name@/, '');
}

describe('for a likely typing mistake in a common domain, that domain is suggested', () => {
  test.each([
    [
      'gmail.com',
      'gmial.com gmal.com gmai.com gamil.com gnail.com gmaill.com ggmail.com hgmail.com gmil.com gmeil.com',
    ],
    [
      'gmail.com',
      'gmail.con gmail.cmo gmail.co gmail.cm gmail.om gmail.comm gmail.vom gmail.ccom gmail.comcom',
    ],
    ['gmail.com', 'gmail.co.uk gmail.co.ke gmail.com.au gmail.c.om gmailc.om g.mail.com gmial.con gmil.co'],
    [
      'hotmail.com',
      'hotmial.com hotmal.com homtail.com hotmai.com hotmaill.com otmail.com jotmail.com hotmail.con',
    ],
    ['yahoo.com', 'yaho.com yahooo.com yhoo.com yahoo.con ahoo.com yahho.com'],
    ['yahoo.co.uk', 'yahoo.co.k yahoo.cu.uk yaho.co.uk'],
    ['outlook.com', 'outlok.com outllook.com outlook.con outlool.com utlook.com'],
    ['icloud.com', 'iclod.com icloud.co icoud.com icloud.co.uk'],
    ['protonmail.com', 'protonmial.com protomail.com portonmial.com'],
    ['safaricom.co.ke', 'safricom.co.ke safaricom.co.k safarcom.co.ke'],
    ['wananchi.com', 'wanachi.com wananchi.con'],
    ['t-online.de', 't-onlne.de t-online.ed tonline.de'],
    ['freenet.de', 'frenet.de freenet.d'],
    ['web.de', 'web.ed'],
    ['gmx.net', 'gmx.ent gmx.nte'],
    ['live.com', 'live.con live.cmo'],
    ['maktoob.com', 'maktob.com maktoob.con'],
    ['ethionet.et', 'ethonet.et'],
    ['gmail.com', 'gmail.net gmail.org gmail.como gmail.coim gmail.con.br gmaill.con'],
    ['hotmail.com', 'hotmail.net hotmail.org hotmil.com hotmaik.com hotmeil.com hormail.com'],
    ['yahoo.com', 'tahoo.com uahoo.com yahoo.net yahoo.comn yaboo.com yahool.com'],
    ['yahoo.com.br', 'yahoo.con.br'],
    ['outlook.com', 'outlook.net outloook.com outlock.com oultook.com outlouk.com'],
    ['icloud.com', 'icloud.net iclould.com iclound.com ickoud.com icloud.comm'],
    ['verizon.net', 'verizon.ney verizon.nett verizon.con'],
    ['comcast.net', 'comcast.con comcast.vom'],
    ['yandex.com', 'yandex.con yandex.cmo'],
    ['t-online.de', 't-online.con'],
    ['libero.it', 'libero.i libero.itt libero.ti'],
    ['mail.ru', 'mail.rru mail.r mail.ur'],
    ['hotmail.it', 'hotmail.i hotmail.itt'],
  ])('%s: %s', (meant, typed) => {
    for (const domain of typed.split(' ')) expect([domain, meantBy(domain)]).toEqual([domain, meant]);
  });
});

test('for a domain that exists, or may well exist, nothing is suggested', () => {
  const others = `gmx.de gmx.net gmx.at gmx.com gmx.us ymail.com email.com mail.com imail.com tmail.com cloud.com inbox.lv
    gmail.ru yahoo.ca yahoo.com.au yahoo.com.ar hotmail.ca hotmail.nl outlook.com.br outlook.at live.co live.nl aol.de
    gmail.de gmail.fr gmail.in yahoo.uk aol.co msn.co comcast.com verizon.com att.com t-online.com laposte.com
    outlook.it outlook.co.th hotmail.com.ar hotmail.se live.com.mx gmx.fr icloud.community homail.com fmail.com mail.run libero.fit
    never.com labero.it range.fr oranges.fr photon.me proton.com free.com charter.com chapter.net posteo.net yandex.com
    example.com company.com mail.example.com gmail.example.com lantern.example google.com hotels.com outlet.com x.co
    a.b yahoo-inc.com hotmail-lovers.com strathmore.edu uonbi.ac.ke xn--bcher-kva.example qq.co sky.co mac.co`;
  for (const domain of others.split(/\s+/)) expect([domain, meantBy(domain)]).toEqual([domain, undefined]);
});

test('none of the suggested domains counts as a mistake for another', () => {
  for (const domain of [...COMMON_DOMAINS, ...SHORT_DOMAINS])
    expect([domain, meantBy(domain)]).toEqual([domain, undefined]);
  expect(COMMON_DOMAINS.length + SHORT_DOMAINS.length).toBeGreaterThan(60);
  expect(new Set([...COMMON_DOMAINS, ...SHORT_DOMAINS]).size).toBe(
    COMMON_DOMAINS.length + SHORT_DOMAINS.length,
  );
});

test.each([
  ['ada@gmail,com', 'ada@gmail.com'],
  ['Ada+x@@gmail.com', 'Ada+x@gmail.com'],
  ['ada@gmailcom', 'ada@gmail.com'],
  ['ada@gmail', 'ada@gmail.com'],
  ['ada@yahoo;co.uk', 'ada@yahoo.co.uk'],
  ['ada@gmail..com', 'ada@gmail.com'],
  ['ada@gmail.com,', 'ada@gmail.com'],
  ['ada@lantern,example', undefined],
  ['ada@gmx', undefined],
  ['ada.gmail.com', undefined],
  ['a da@gmail,com', undefined],
  ['@gmail', undefined],
])('%s is no address, and may mean %s', (typed, meant) => {
  expect(repairAddress(typed)).toBe(meant);
});

test('what stands before the @ is never touched', () => {
  expect(suggestAddress("O'Brien+news.gmial@gmial.com")).toBe("O'Brien+news.gmial@gmail.com");
});

test('letters swapped, missing, extra or wrong are one mistake each', () => {
  expect(editDistance('gmail', 'gmail')).toBe(0);
  expect(['gmial', 'gmal', 'gmaiil', 'gnail'].map((typed) => editDistance(typed, 'gmail'))).toEqual([
    1, 1, 1, 1,
  ]);
  expect(editDistance('', 'gmail')).toBe(5);
  expect(editDistance('ca', 'abc')).toBe(3);
});

test('the distance is the same from both ends, and never more than writing it anew', () => {
  const word = fc.stringMatching(/^[a-d-]{0,12}$/);
  fc.assert(
    fc.property(word, word, (one, other) => {
      const slips = editDistance(one, other);
      expect(slips).toBe(editDistance(other, one));
      expect(slips === 0).toBe(one === other);
      expect(slips).toBeLessThanOrEqual(Math.max(one.length, other.length));
    }),
  );
});

test('whatever was typed, a suggestion is a known domain, for which nothing else is suggested', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...COMMON_DOMAINS),
      fc.nat(12),
      fc.constantFrom('', 'x', '.'),
      (domain, at, letter) => {
        const meant = meantBy(domain.slice(0, at) + letter + domain.slice(at + 1));
        if (meant === undefined) return;
        expect([...COMMON_DOMAINS, ...SHORT_DOMAINS]).toContain(meant);
        expect(meantBy(meant)).toBeUndefined();
      },
    ),
  );
});
