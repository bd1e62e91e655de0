import type { Digest } from '../../../digests/digest.js';
import { listDigestsByIdPrefix } from '../../../digests/reads.js';
import type { Context } from '../../../platform/context.js';
import { CliError } from '../../cli-error.js';
import { notAnId } from '../../parse-id.js';

/** For help: what `chooseDigest` takes. */
export const DIGEST_ID =
  'its id as digest list shows it, or the first characters of it if no other begins so';

/** The digest that a command names by its id, or by the first characters of it if no other id begins with them. */
export async function chooseDigest({ db }: Pick<Context, 'db'>, id: string): Promise<Digest> {
  if (!/^[0-9a-f-]{4,36}$/.test(id)) throw notAnId(id, { what: 'a digest', list: 'digest list' });
  const [found, another] = await listDigestsByIdPrefix(db, id);
  if (found === undefined) throw new CliError('There is no such digest.');
  if (another !== undefined) {
    throw new CliError(
      `Several digests have an id that begins with ${id}. Say more of it. Nothing was changed.`,
      2,
    );
  }
  return found;
}
