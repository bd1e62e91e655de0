import type { Publication } from '../../publications/publication.js';

/** With this few readers a mistake is small, and every change of their number looks large. */
const MAX_UNCHECKED_READERS = 100;
/** A change of the number of readers by more than this share looks unusual. */
const MAX_AUDIENCE_CHANGE_SHARE = 0.3;

/**
 * Why a digest is held before anybody is planned, in sentences for an operator; undefined when it may go.
 * @param readers confirmed readers of its rhythm
 * @param before how many there were at the last digest of this rhythm; undefined at the first
 */
export function digestHoldReason(
  { approval, postalAddress }: Pick<Publication, 'approval' | 'postalAddress'>,
  readers: number,
  before: number | undefined,
): string | undefined {
  const reasons = [
    ...(approval
      ? [
          `Waiting for approval, as this newsletter’s settings ask for. It is for up to ${formatReaderCount(readers)}.`,
        ]
      : []),
    ...(readers > MAX_UNCHECKED_READERS && postalAddress === null ? [noPostalAddressMessage(readers)] : []),
    ...(readers > MAX_UNCHECKED_READERS && before !== undefined && isUnusualChange(readers, before)
      ? [unusualAudienceMessage(readers, before)]
      : []),
  ];
  return reasons.length === 0 ? undefined : reasons.join(' ');
}

function isUnusualChange(readers: number, before: number): boolean {
  return Math.abs(readers - before) > before * MAX_AUDIENCE_CHANGE_SHARE;
}

function noPostalAddressMessage(readers: number): string {
  return (
    `The newsletter has no postal address, which the law of many countries asks for in every mail, ` +
    `and this is for ${formatReaderCount(readers)}. Set postalAddress, then approve it.`
  );
}

function unusualAudienceMessage(readers: number, before: number): string {
  const [change, cause] =
    readers > before ? ['more', 'an import that went in twice'] : ['fewer', 'readers lost by mistake'];
  const percent =
    before === 0 ? '' : ` (${Math.round((Math.abs(readers - before) / before) * 100)} % ${change})`;
  return (
    `It is for ${formatReaderCount(readers)}, and the last one was for ${before}${percent}. ` +
    `That can mean ${cause}. If the number is right, approve it.`
  );
}

function formatReaderCount(readers: number): string {
  return `${readers} ${readers === 1 ? 'reader' : 'readers'}`;
}
