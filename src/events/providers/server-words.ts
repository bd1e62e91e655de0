import { classifyFailure } from '../../platform/mail/classify/classify-failure.js';
import { parseReply } from '../../platform/mail/classify/parse-reply.js';
import type { IncomingEvent } from '../event.js';
import { reasonText, type KindMeaning } from './provider.js';

/** What a provider quotes of the receiving server; each where it is there. */
export type QuotedReply = {
  /** The reply, perhaps behind `smtp;` (RFC 3464 section 2.3.6). */
  words?: string | null | undefined;
  status?: string | null | undefined;
  code?: number | null | undefined;
};

type Told = Pick<IncomingEvent, 'class' | 'scope' | 'status' | 'code' | 'reason'>;

/** What a bounce means: the words of the receiving server where a rule knows them, otherwise the provider's own name for it. */
export function tellByWords(kind: KindMeaning, quoted: QuotedReply): Told {
  const { words, status, code } = parseQuoted(quoted);
  const reason = reasonText(words);
  const details = {
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
  };
  return { ...classOf(kind, { words, status, code }), ...details };
}

function classOf(
  { class: named, scope, asksWords }: KindMeaning,
  quoted: { words: string; status: string | undefined; code: number | undefined },
): Pick<Told, 'class' | 'scope'> {
  if (asksWords === undefined) return { class: named, scope };
  const said = classifyFailure(quoted);
  if (said.diagnosis === undefined || said.diagnosis === 'unknown') return { class: named, scope };
  // What the provider itself takes for passing gives up nobody.
  const isTooStrict = named === 'soft' && said.class === 'hard';
  return { class: isTooStrict ? 'soft' : said.class, scope: said.scope };
}

const ENHANCED_STATUS = /^[245]\.\d{1,3}\.\d{1,3}$/;

function parseQuoted(quoted: QuotedReply) {
  const words = (quoted.words ?? '').replace(/^\s*smtp\s*;\s*/i, '').trim();
  const inWords = Number(/^([245]\d\d)(?=[ -]|$)/.exec(words)?.[1] ?? Number.NaN);
  const code = isSmtpCode(quoted.code) ? quoted.code : isSmtpCode(inWords) ? inWords : undefined;
  const given = quoted.status?.trim() ?? '';
  const status = ENHANCED_STATUS.test(given) ? given : code && parseReply(code, words).status;
  return { words, status: status || undefined, code };
}

function isSmtpCode(code: number | null | undefined): code is number {
  return code !== null && code !== undefined && Number.isInteger(code) && code >= 200 && code < 600;
}
