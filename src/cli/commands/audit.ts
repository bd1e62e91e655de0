import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { readActivity } from '../../dashboard/activity.js';
import { describeActivity } from '../../operators/activity/describe-activity.js';
import { activityKinds, kindsUnder } from '../../operators/activity/kinds.js';
import { actorKinds } from '../../platform/actor.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import { isId, parseId } from '../parse-id.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';
import { wholeNumberFrom } from '../whole-number.js';

type Options = {
  publication?: string;
  kind?: ReturnType<typeof kindsUnder>;
  actor?: ReturnType<typeof parseActor>;
  subject?: string;
  since?: Date;
  limit: number;
  cursor?: string;
  json?: boolean;
};

/** `audit list`. */
export function auditCommands(paperround: Command, config: ReadConfig): void {
  const audit = paperround.command('audit').description('what was changed, by whom and when');

  audit
    .command('list')
    .description('changes, the newest first; there is no address and no secret in them')
    .option('--publication <slug>', 'of this one; of all, and of the whole server, when left out')
    .option('--kind <kind>', 'one, as digest.approved, or all of a noun, as digest', parseKind)
    .option('--actor <who>', `${actorKinds.join(', ')}, or the id of an operator or a token`, parseActor)
    .option('--subject <id>', 'of what was changed', parseSubject)
    .option('--since <time>', 'the first moment: a date, or a time with its zone (ISO 8601)', parseSince)
    .option('--limit <n>', 'how many', wholeNumberFrom(1), 100)
    .option('--cursor <id>', 'the next page: the id that the page before ended with')
    .option('--json', 'answer as JSON')
    .action((options: Options) => list(config, options));
}

async function list(config: ReadConfig, options: Options): Promise<void> {
  const { publication, kind: kinds, actor, subject: subjectId, since, limit } = options;
  const before = options.cursor && parseId(options.cursor, { what: 'a change', list: 'audit list' });
  const found = await withContext(config(), async (context) => {
    const publicationId = publication && (await choosePublication(context, publication)).id;
    const filter = { publicationId, kinds, actor, subjectId, since };
    const rows = await readActivity(context, filter, { before, limit: limit + 1 });
    const { operatorWords } = context.templates;
    return rows.map((row) => ({
      ...row,
      sentence: describeActivity(row, operatorWords, (at) => at.toISOString()),
    }));
  });
  const data = found.slice(0, limit);
  const nextCursor = found.length > data.length ? (data.at(-1)?.id ?? null) : null;
  const rows = data.map(({ createdAt, kind, sentence }) => [createdAt.toISOString(), kind, sentence]);
  const more = nextCursor === null ? [] : [`More: --cursor ${nextCursor}`];
  const lines = listLines(['Time', 'Kind', 'What'], rows, 'Nothing was changed.');
  print(options, { data, nextCursor }, [...lines, ...more]);
}

function parseKind(text: string): ReturnType<typeof kindsUnder> {
  const kinds = kindsUnder(text);
  if (kinds.length > 0) return kinds;
  const nouns = [...new Set(activityKinds.map((name) => name.split('.')[0]))];
  throw new InvalidArgumentError(`It begins with one of ${nouns.join(', ')}.`);
}

function parseActor(text: string) {
  const kind = actorKinds.find((one) => one === text);
  if (kind !== undefined) return { kind };
  if (isId(text)) return { id: text.toLowerCase() };
  throw new InvalidArgumentError(`It is one of ${actorKinds.join(', ')}, or an id.`);
}

function parseSubject(text: string): string {
  if (isId(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It is an id.');
}

const sinceSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

function parseSince(text: string): Date {
  if (sinceSchema.safeParse(text).success) return new Date(text);
  throw new InvalidArgumentError(
    'It is a date, which begins in UTC, or a time with its zone: 2026-11-22T07:00:00Z.',
  );
}
