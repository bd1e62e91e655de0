import { expect, test } from '@jest/globals';
import { parseAddress } from '../../../src/subscribers/address.js';
import { repairAddress, suggestAddress } from '../../../src/subscribers/sign-up/suggest-address.js';

/**
 * Slips of large providers, as public lists have them: the tests of fnando/email_typo, mailcheck/mailcheck and
 * ZooTools/email-spell-checker (all MIT), of machado000/email-typo-fixer, and two counts of real lists (bounceshift.com,
 * massemailverify.com).
 */
const PUBLIC_SLIPS: Readonly<Record<string, string>> = {
  'gmail.com': `gamil.com gmaal.com gmai.com gmaii.com gmail.co gmail.net gmailc.om gmaill.com gmal.com gmali.com gmaol.com gmaul.com
    gmial.com gmil.com gmila.com gmsil.com gnail.com gmai.co.uk gmal.co.uk gmaal.co.uk gmil.co.uk gmial.co.uk gmali.co.uk gmila.co.uk
    gmaill.co.uk gamil.co.uk gnail.co.uk gmail.co.um gmail.o.uk gmail.couk gmail.con gnail.con gmaik.com gmil.con #gmail.com
    .gmail.com gmail..com gmail.comas`,
  'googlemail.com': `gogglemaii.com gogglemail.com gogolemail.com googlemail.co goooglemail.com googleamil.com googlemaal.com googlemai.com
    googlemaii.com googlemailc.om googlemaill.com googlemal.com googlemali.com googlemial.com googlemil.com googlemila.com
    googlenail.com goooglemail.net`,
  'yahoo.com': `aho.com ahoo.com yaho.com yahooo.com yhao.com yhaoo.com yho.com yhooo.com yao.com yaooo.com yahooc.om yahoo.co uahoo.com
    yajoo.com yahho.com yahooo.cmo`,
  'hotmail.com': `hotamail.com htmail.com hotmaill.com hotmaik.com hoymail.com hptmail.com htomali.com homtail.com hotmail.co hitmail.com
    hotnail.com homail.con hotmial.com hotmal.com hotmil.com hotmail.con hotmai.com hotmall.com`,
  'outlook.com': 'outloo.com outlook.co outlook.net outlok.com outllok.com outlokk.com outloook.com',
  'icloud.com': 'icoud.com icloud.co icloud.net icluod.com iclud.com',
  'verizon.net': 'veizon.net verion.net verzon.net',
  'comcast.net': 'comacast.net comcastn.et comcastt.net comcat.net concast.net cmcast.net comcast.com',
  'aol.com': 'ail.cm ao.com aol.cm aol.co aol.net ol.com',
  'msn.com': 'gmsn.com',
  'gmx.com': 'gms.com',
  'zoho.com': 'zopo.com',
};

/** Not asked about, since each may be a domain of its own: a short name, another company, or a country that has such names. */
const MAY_BE_MEANT = new Set(
  `gmai.co.uk gmal.co.uk gmaal.co.uk gmil.co.uk gmaill.co.uk gnail.co.uk goooglemail.net
   aho.com yhao.com yho.com yhooo.com yao.com comcast.com ail.cm ao.com aol.cm aol.co aol.net ol.com gmsn.com gms.com zopo.com`.split(
    /\s+/,
  ),
);

/** Mail services with the endings under which they, or their partners in a country, have mailboxes. */
const SERVICES: Readonly<Record<string, string>> = {
  gmx: 'at ca ch co.uk com de es fr hk ie li net pt sg tw us it eu',
  live: `at be ca cl cn co.kr co.uk co.za com com.ar com.au com.mx com.my com.pt com.sg de dk fr hk ie in it jp nl no ru se`,
  hotmail: `be ca ch cl co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.hk com.tr com.tw com.vn cz de dk
    es fi fr gr hu it jp my nl no ph rs se sg sk`,
  outlook: `at be cl co.id co.il co.nz co.th com com.ar com.au com.br com.gr com.pe com.tr com.vn cz de dk es fr hu ie in it jp kr lv my ph
    pt sa sg sk`,
  yahoo: `ae at be bg ca cl co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.cn com.co com.hk com.mx
    com.my com.ph com.sg com.tr com.tw com.ve com.vn cz de dk es fi fr gr hr hu ie in it lt nl no pl pt ro ru se`,
  aol: 'at be ch co.nz co.uk com com.ar com.au com.br cz de dk es fi fr in it jp nl no pl se',
  yandex: 'by com com.tr kz pl ru ua',
  fastmail: `ca cn co.uk com com.au de es fm fr im in jp mx net nl org se to tw uk us`,
  posteo: 'at be ch co de dk es eu fi fr ie it jp lt lu me net nl no org pl pt ro se uk us',
  mail: 'be bg by ch co.za com de dk ee gr ie lv md me pt ru ua',
  tuta: 'com io',
  tutanota: 'com de',
  proton: 'me com',
  protonmail: 'ch com',
  zoho: 'com eu in',
  zohomail: 'com eu in',
  inbox: 'com lt lv ru',
  msn: 'cn co.uk com com.au nl',
  ymail: 'com net org',
  rediffmail: 'com',
  wanadoo: 'co.uk es fr',
  orange: 'fr net es be',
  't-online': 'de hu',
  terra: 'com com.br es',
  virgilio: 'it',
  libero: 'it',
  laposte: 'net',
};

/** Others, among them the real services of public lists that are a slip away from a larger one. */
const OTHERS =
  `googlemail.com me.com mac.com pm.me hey.com web.de naver.com qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net
  rocketmail.com email.com ya.ru bk.ru list.ru internet.ru freenet.de arcor.de vodafone.de free.fr sfr.fr bbox.fr neuf.fr alice.it tim.it
  tin.it email.it telenet.be skynet.be ziggo.nl bluewin.ch aon.at wp.pl o2.pl onet.pl interia.pl interia.eu seznam.cz email.cz centrum.cz
  azet.sk abv.bg freemail.hu citromail.hu rambler.ru ukr.net i.ua meta.ua hanmail.net daum.net nate.com sina.com sohu.com 139.com
  docomo.ne.jp nifty.com uol.com.br bol.com.br ig.com.br globo.com shaw.ca rogers.com sympatico.ca telus.net bell.net att.net cox.net
  charter.net juno.com netzero.net earthlink.net mindspring.com optonline.net optimum.net frontier.com btinternet.com talktalk.net
  virginmedia.com sky.com bigpond.com optusnet.com.au xtra.co.nz walla.com mynet.com hushmail.com runbox.com mailbox.org mailfence.com
  startmail.com duck.com earthling.net prontomail.com eastmail.com hockeymail.com lastmail.com cpaonline.net homail.com imail.com
  ucloud.com jcloud.com outlook.org gm.com army.mil gao.gov gial.edu anything.comcast.com anything.comcastbiz.net company.ai company.co
  company.cm company.zip gmil.ai`.split(/\s+/);

/** The domain that is asked about where this one was typed. */
function meantBy(domain: string): string | undefined {
  const parsed = parseAddress(`name@${domain}`);
  const meant =
    parsed.kind === 'address' ? suggestAddress(parsed.address.email) : repairAddress(`name@${domain}`);
  return meant?.replace(/^name@/, '');
}

test('a slip of a large provider in public lists is asked about, unless what was typed may be meant', () => {
  const slips = Object.entries(PUBLIC_SLIPS).flatMap(([meant, typed]) =>
    typed.split(/\s+/).map((slip) => ({ slip, meant })),
  );
  const found = slips.filter(({ slip, meant }) => meantBy(slip) === meant);
  console.info(`Slips of public lists that are asked about: ${found.length} of ${slips.length}`);
  expect(slips.filter(({ slip }) => !MAY_BE_MEANT.has(slip))).toEqual(found);
  expect(slips.filter(({ slip, meant }) => ![undefined, meant].includes(meantBy(slip)))).toEqual([]);
});

test('nothing is asked about a domain that has mailboxes of its own', () => {
  const services = Object.entries(SERVICES).flatMap(([name, endings]) =>
    endings.split(/\s+/).map((ending) => `${name}.${ending}`),
  );
  const asked = [...services, ...OTHERS].filter((domain) => meantBy(domain) !== undefined);
  expect(asked).toEqual([]);
  expect(services.length + OTHERS.length).toBeGreaterThan(400);
});

test('an ending that nobody can register is a slip, also of a short name', () => {
  for (const [typed, meant] of [
    ['gmail.coj', 'gmail.com'],
    ['yahoo.co.ukk', 'yahoo.co.uk'],
    ['hotmail.frr', 'hotmail.fr'],
    ['web.dde', 'web.de'],
    ['gmx.nert', 'gmx.net'],
    ['orange.ft', 'orange.fr'],
    ['proton.mme', 'proton.me'],
    ['wp.pll', 'wp.pl'],
  ])
    expect([typed, meantBy(typed ?? '')]).toEqual([typed, meant]);
  // But .fit, .dev, .cam and .run are registered, and so is each country's.
  for (const typed of ['libero.fit', 'web.dev', 'mail.run', 'aol.cam', 'gmx.se', 'orange.gr', 'wp.pk'])
    expect([typed, meantBy(typed)]).toEqual([typed, undefined]);
});

test('two letters swapped, or one twice, are slips also of a name to which other words are close', () => {
  for (const [typed, meant] of [
    ['libreo.it', 'libero.it'],
    ['orannge.fr', 'orange.fr'],
    ['protno.me', 'proton.me'],
    ['chatrer.net', 'charter.net'],
  ])
    expect([typed, meantBy(typed ?? '')]).toEqual([typed, meant]);
  for (const typed of ['range.fr', 'orage.fr', 'libro.it', 'photon.me', 'never.com', 'love.com', 'web.eu'])
    expect([typed, meantBy(typed)]).toEqual([typed, undefined]);
});

test('marks around a domain, and what a copied link has before the address, are slips', () => {
  for (const typed of [
    'ada@#gmail.com',
    'ada@gmail.com"',
    'mailto:ada@gmail.com',
    'ada@gmial,com',
    'ada@-gmail.com',
  ])
    expect([typed, repairAddress(typed)]).toEqual([typed, 'ada@gmail.com']);
  expect(repairAddress('mailto:ada@lantern.example')).toBeUndefined();
});
