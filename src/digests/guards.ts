import type { Publication } from '../publications/publication.js';

/** With this few readers a mistake is small, and every change of their number looks large. */
const FEW_READERS = 100;
/** A change of the number of readers by more than this share looks unusual. */
const UNUSUAL_SHARE = 0.3;

/**
 * Why a digest is held before anybody is planned, in sentences for an operator; undefined when it may go.
 * @param readers confirmed readers of its rhythm
 * @param before how many there were at the last digest of this rhythm; undefined at the first
 */
export function whyHold(
  { approval, postalAddress }: Pick<Publication, 'approval' | 'postalAddress'>,
  readers: number,
  before: number | undefined,
): string | undefined {
  const reasons = [
    ...(approval
      ? [`Waiting for approval, as this newsletter’s settings ask for. It is for up to ${count(readers)}.`]
      : []),
    ...(readers > FEW_READERS && postalAddress === null ? [noPostalAddress(readers)] : []),
    ...(readers > FEW_READERS && before !== undefined && isUnusual(readers, before)
      ? [unusualAudience(readers, before)]
      : []),
  ];
  return reasons.length === 0 ? undefined : reasons.join(' ');
}

function isUnusual(readers: number, before: number): boolean {
  return Math.abs(readers - before) > before * UNUSUAL_SHARE;
}

function noPostalAddress(readers: number): string {
  return (
    `The newsletter has no postal address, which the law of many countries asks for in every mail, ` +
    `and this is for ${count(readers)}. Set postalAddress, then approve it.`
  );
}

function unusualAudience(readers: number, before: number): string {
  const [change, cause] =
    readers > before ? ['more', 'an import that went in twice'] : ['fewer', 'readers lost by mistake'];
  const percent =
    before === 0 ? '' : ` (${Math.round((Math.abs(readers - before) / before) * 100)} % ${change})`;
  return (
    `It is for ${count(readers)}, and the last one was for ${before}${percent}. ` +
    `That can mean ${cause}. If the number is right, approve it.`
  );
}

function count(readers: number): string {
  return `${readers} ${readers === 1 ? 'reader' : 'readers'}`;
}
