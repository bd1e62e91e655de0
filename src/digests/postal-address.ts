import type { Publication } from '../publications/publication.js';

/** The law of many countries asks for one in every newsletter, whatever the number of its readers (15 U.S.C. 7704(a)(5)(A)(iii)). */
export function isPostalAddressMissing({ postalAddress }: Pick<Publication, 'postalAddress'>): boolean {
  return postalAddress === null;
}
