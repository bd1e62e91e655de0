import { HELP_ADDRESS, OTHER_ROLE } from './phrases.js';
import { findAddresses } from './reported-address.js';

/** More than a server names in one text. */
const MAX_RECIPIENTS = 200;
const MAX_LINE_LENGTH = 2_000;

/** An address that a text says mail to failed, and what it says of it. */
export type NamedRecipient = { address: string; words: string };

type Mention = { address: string; line: number; rank: Rank };
/** How sure it is that mail to it failed: it begins a line, a label says so, one names it, it only stands there, it is a quoted header's. */
type Rank = 0 | 1 | 2 | 3 | 4;

const SURE_LABEL =
  /(?:recipient|addressee|undeliverable|error-for|failed|attempts|addressed|unknown|invalid|not be delivered|generated from|expanded from|delivery of e-?mail to)\b[^@<>]{0,60}$/i;
const LABEL =
  /(?:address|user(?:id)?|mailbox|account|deliver(?:y|ed|able)?(?: \w+)?|reach|sent|message|mail|destination|empfänger|destinataire|destinatario|rcpt|an|à|a|para|to)\b[^@<>]{0,60}$/i;
const QUOTED_HEADER = /^\s*(?:to|cc|for|sent to|from|subject)\s*:\s*[^:]*$/i;

/**
 * The recipients that a bounce in words names, with the words for each: those of its own lines, up to the next.
 * @param own addresses of ours, which such texts name too
 */
export function findTextRecipients(lines: readonly string[], own: ReadonlySet<string>): NamedRecipient[] {
  const all = lines.flatMap(mentionsIn);
  const others = all.filter(({ address }) => !own.has(address.toLowerCase()) && !HELP_ADDRESS.test(address));
  // Who mails herself is both, and a postmaster can be mailed.
  const mentions = others.length > 0 ? others : all.filter(({ rank }) => rank === 0);
  const best = Math.min(...mentions.map(({ rank }) => rank));
  const first = new Map<string, Mention>();
  for (const mention of mentions) {
    const key = mention.address.toLowerCase();
    if (mention.rank === best && !first.has(key) && first.size < MAX_RECIPIENTS) first.set(key, mention);
  }
  const chosen = [...first.values()];
  return chosen.map(({ address, line }, at) => ({
    address,
    words: wordsFor(lines, line, chosen[at + 1]?.line),
  }));
}

/** From its line to the next recipient's. */
function wordsFor(lines: readonly string[], from: number, to: number | undefined): string {
  return lines.slice(from, to === undefined || to <= from ? from + 25 : to).join('\n');
}

function mentionsIn(whole: string, at: number): Mention[] {
  const line = whole.slice(0, MAX_LINE_LENGTH);
  const addresses = line.includes('@') ? findAddresses(line, MAX_RECIPIENTS) : [];
  return addresses.flatMap((address) => {
    const before = line.slice(0, line.indexOf(address));
    if (OTHER_ROLE.test(before.toLowerCase())) return [];
    return [{ address, line: at, rank: rankOf(before) }];
  });
}

function rankOf(before: string): Rank {
  if (/^[\s<>"'*•·:.[(-]*(?:\d{3}[ -][\d. ]{0,12}<)?$/.test(before)) return 0;
  if (QUOTED_HEADER.test(before)) return 4;
  if (SURE_LABEL.test(before)) return 1;
  return LABEL.test(before) ? 2 : 3;
}
