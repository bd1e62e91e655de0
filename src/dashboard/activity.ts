import { digestName } from '../digests/display-name.js';
import type { Activity, NamedActivity } from '../operators/activity/activity.js';
import { listActivity, type ActivityFilter } from '../operators/activity/reads.js';
import type { Context } from '../platform/context.js';
import type { OperatorWords } from '../platform/text/translations.js';
import { findSubjectNames, type SubjectName } from './activity-reads.js';

/** A page of what was changed, newest first, with what each subject is called now. */
export async function readActivity(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  filter: ActivityFilter,
  page: { before: string | undefined; limit: number },
): Promise<NamedActivity[]> {
  const activities = await listActivity(db, filter, page);
  const ids = activities.flatMap(({ subjectId }) => subjectId ?? []);
  const names = new Map((await findSubjectNames(db, [...new Set(ids)])).map((row) => [row.id, row]));
  return activities.map((activity) => ({
    ...activity,
    subjectName: nameOf(activity, names, templates.operatorWords),
  }));
}

function nameOf(
  { subjectId }: Activity,
  names: ReadonlyMap<string, SubjectName>,
  words: OperatorWords,
): string | null {
  const found = subjectId === null ? undefined : names.get(subjectId);
  if (found === undefined) return null;
  return found.cadence === null ? hideSecrets(found.name) : digestName(found, found.name, words);
}

/** A feed without a title is called by its address, which may have a key in it. */
function hideSecrets(name: string): string {
  if (!/^https?:\/\//.test(name) || !URL.canParse(name)) return name;
  const { host, pathname } = new URL(name);
  return `${host}${pathname}`;
}
