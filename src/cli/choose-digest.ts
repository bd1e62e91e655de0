import type { Digest } from '../digests/digest.js';
import { listDigestsLike } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { Refusal } from './refusal.js';

/** The digest a command is about: by its id, or by the beginning of it when no other digest's id begins so. */
export async function chooseDigest({ db }: Pick<Context, 'db'>, id: string): Promise<Digest> {
  if (!/^[0-9a-f-]{4,36}$/.test(id)) throw new Refusal(`That is not the id of a digest: ${id}`, 2);
  const [found, another] = await listDigestsLike(db, id);
  if (found === undefined) throw new Refusal('There is no such digest.');
  if (another !== undefined) {
    throw new Refusal(
      `Several digests have an id that begins with ${id}. Say more of it. Nothing was changed.`,
      2,
    );
  }
  return found;
}
