import type { Check } from '../../../../deliveries/preview/check-mail.js';
import type { LinksChecked } from '../../../../deliveries/preview/check-links.js';
import { countNoun } from '../../../../platform/text/count-noun.js';

/** The checks of a mail in sentences: what stops it, and what to look at. */
export type CheckWords = { stops: string[]; look: string[] };

export function describeChecks(checks: readonly Check[]): CheckWords {
  const sentencesOf = (kind: Check['kind']) =>
    checks.filter((check) => check.kind === kind).map(describeCheck);
  return { stops: sentencesOf('stops'), look: sentencesOf('look') };
}

function describeCheck({ code, found }: Check): string {
  const [first = ''] = found;
  switch (code) {
    case 'no-postal-address':
      return 'The newsletter has no postal address, which the law of many countries asks for in newsletters: it does not go without.';
    case 'subject-length':
      return `The subject has ${first} characters; mail programs cut it after about 70, phones after about 40.`;
    case 'placeholder-words':
      return `It has words that look as if somebody meant to replace them: ${found.map(quote).join(', ')}.`;
    case 'no-alt-text':
      return `Pictures without a description, for readers who do not see them, in ${found.map(quote).join(', ')}.`;
    case 'shortened':
      return `It was shortened so that Gmail shows all of it. ${first}`;
    case 'clipped':
      return `Its HTML has ${first} KB: Gmail cuts it off after 102, with the unsubscribe link at its end.`;
    case 'unsigned':
      return `Paperround does not sign mail from ${first}, and nobody has said that the mail server does. Unsigned mail often goes to spam.`;
  }
}

function quote(text: string): string {
  return `“${text}”`;
}

/** What following the links found, the dead ones first. */
export function describeLinks({ links, left }: LinksChecked): {
  sentence: string;
  dead: { url: string; why: string | null }[];
  unknown: { url: string; why: string | null }[];
} {
  const dead = links.filter(({ kind }) => kind === 'dead');
  const unknown = links.filter(({ kind }) => kind === 'unknown');
  const fine = links.length - dead.length - unknown.length;
  const rest = left === 0 ? '' : ` ${left} more were not looked at.`;
  const sentence =
    links.length === 0
      ? 'It has no links but those to us.'
      : `Of ${countNoun(links.length, 'link')}, ${fine} lead${fine === 1 ? 's' : ''} where readers can follow.${rest}`;
  return { sentence, dead, unknown };
}
