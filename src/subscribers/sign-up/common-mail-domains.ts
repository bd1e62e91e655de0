import { splitWords } from '../../platform/text/split-words.js';

/** Mail domains that many people have an address at, most used first: typed domains are compared with these. */
export const COMMON_DOMAINS: readonly string[] = splitWords(`
  gmail.com yahoo.com hotmail.com outlook.com icloud.com googlemail.com protonmail.com fastmail.com rocketmail.com
  yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.co.in yahoo.com.br yahoo.co.jp hotmail.co.uk hotmail.fr
  hotmail.de hotmail.it hotmail.es outlook.fr outlook.de outlook.es btinternet.com blueyonder.co.uk virginmedia.com
  ntlworld.com talktalk.net comcast.net sbcglobal.net bellsouth.net verizon.net earthlink.net optonline.net
  t-online.de freenet.de posteo.de mailbox.org vodafone.de bluewin.ch wanadoo.fr laposte.net virgilio.it
  tiscali.it telenet.be ziggo.nl telefonica.net yandex.ru rambler.ru seznam.cz rediffmail.com hanmail.net docomo.ne.jp
  safaricom.co.ke wananchi.com africaonline.co.ke kenyaweb.com utlonline.co.ug infocom.co.ug africaonline.co.tz
  ethionet.et telkomsa.net mweb.co.za maktoob.com etisalat.ae emirates.net.ae awalnet.net.sa tedata.net.eg menara.ma
`);

/** Their names are short, or words of their own: only a misspelt ending says that one of these was meant. */
export const SHORT_DOMAINS: readonly string[] = splitWords(`
  aol.com live.com msn.com me.com mac.com mail.com gmx.net gmx.de gmx.at gmx.ch gmx.com web.de zoho.com proton.me pm.me
  hey.com att.net cox.net charter.net shaw.ca rogers.com sky.com orange.fr free.fr sfr.fr bbox.fr arcor.de aon.at
  mail.ru list.ru inbox.ru bk.ru ukr.net wp.pl o2.pl onet.pl interia.pl libero.it naver.com daum.net qq.com 163.com 126.com
  yandex.com zohomail.com sina.com uol.com.br bol.com.br terra.com.br tuta.com duck.com link.net bigpond.com live.co.uk live.fr raha.com
`);

/** Real services whose names are a slip away from a bigger one. */
const LOOKALIKE_DOMAINS = splitWords(`
  ymail.com email.com mail.com imail.com hmail.com qmail.com zmail.com cloud.com homail.com outlook.at gmail.ru gmail.pl
  mailbox.hu yahoo.ca proton.com photonmail.com fastmail.fm googlemail.de inbox.com inbox.lv mail.de email.de gmx.us
  earthling.net prontomail.com
`);

const wellKnown = new Set([...COMMON_DOMAINS, ...SHORT_DOMAINS, ...LOOKALIKE_DOMAINS]);

/** @param domain in lower case */
export function isWellKnownMailDomain(domain: string): boolean {
  return wellKnown.has(domain);
}
