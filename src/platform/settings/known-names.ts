import { editDistance } from '../text/edit-distance.js';

/** The known name that is meant by one that differs from it in case, signs or two letters. */
export function findMeantName(given: string, known: readonly string[]): string | undefined {
  const plain = toPlain(given);
  const [closest] = known
    .map((name) => ({ name, typos: editDistance(plain, toPlain(name)) }))
    .toSorted((one, other) => one.typos - other.typos);
  if (closest === undefined || closest.typos > maxTypos(plain)) return undefined;
  return closest.name;
}

/** Of short words too many are two letters apart. */
function maxTypos(plain: string): number {
  return plain.length >= 7 ? 2 : plain.length >= 5 ? 1 : 0;
}

function toPlain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
}

const OUR_PREFIX = /^PAPERROUND_?/i;
/** What docker-compose.yml reads beside them. */
const OTHER_NAMES = ['PAPERROUND_IMAGE'];

/**
 * One sentence for each variable that was probably meant for us and is not read.
 * @param given names in the environment
 * @param settings the names that are read
 */
export function findUnreadSettings(given: readonly string[], settings: readonly string[]): string[] {
  return given
    .filter((name) => !settings.includes(name) && !OTHER_NAMES.includes(name))
    .flatMap((name) => {
      const meant = findMeantName(name.replace(OUR_PREFIX, ''), settings);
      if (meant !== undefined && toPlain(meant).length >= 7) return [`${name} is not read: ${meant} is.`];
      if (meant !== undefined && OUR_PREFIX.test(name)) return [`${name} is not read: ${meant} is.`];
      return OUR_PREFIX.test(name) ? [`${name} is not read: no setting is called so (.env.example).`] : [];
    });
}
