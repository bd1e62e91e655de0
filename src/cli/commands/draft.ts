import { Option, type Command } from 'commander';
import { NOT_LIVE } from '../../deliveries/plan/operator-digest.js';
import { sendDraft } from '../../deliveries/plan/send-draft.js';
import { changeDraft } from '../../digests/drafts/change-draft.js';
import { approveDraft, discardDraft, takeDraftBack } from '../../digests/drafts/control-draft.js';
import { draftChangeSchema, type Draft, type DraftChange } from '../../digests/drafts/draft.js';
import { findTarget } from '../../digests/drafts/draft-targets.js';
import { findDraft, listDrafts } from '../../digests/drafts/reads.js';
import { writeDraft } from '../../digests/drafts/write-draft.js';
import type { Context } from '../../platform/context.js';
import { mistakeWords } from '../../platform/text/describe-mistakes.js';
import { cadences } from '../../publications/publication.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';
import { confirmOrAbort } from '../confirm-prompt.js';
import { MOMENT_FORMAT, parseMoment, resolveMoment, type TypedMoment } from '../moment.js';
import { listLines, print } from '../output.js';
import { parseId, type IdKind } from '../parse-id.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';
import { findPublication } from '../../publications/reads.js';

type Words = Partial<Record<'subject' | 'preheader' | 'note' | 'outro', string>>;
type Options = Words & {
  json?: boolean;
  publication?: string;
  for?: string;
  period?: string;
  at?: TypedMoment;
  yes?: boolean;
};

const A_DRAFT: IdKind = { what: 'a draft', list: 'draft list' };
const DRAFT_ID = 'its id as draft list shows it';
const MAX_LISTED = 50;

/** `draft list|show|write|change|approve|take-back|send|discard`. */
export function draftCommands(paperround: Command, config: ReadConfig): void {
  const draft = paperround
    .command('draft')
    .description('words for digests that are to come, and emails of their own');
  draft
    .command('list')
    .description('what is written, newest first')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((options: Options) => list(config, options));
  wordOptions(
    draft
      .command('write')
      .description('write for a digest that is to come, or an email of its own; nobody is mailed it yet')
      .option('--publication <slug>', 'which one')
      .addOption(new Option('--for <rhythm>', 'for the next digest of a rhythm').choices(cadences))
      .option('--period <period>', 'with --for: for this digest, like 2026-12-02, 2026-W49 or 2026-12'),
  ).action((options: Options) => write(config, options));
  wordOptions(
    draft
      .command('change')
      .description('say something else; an approval is taken back')
      .argument('<id>', DRAFT_ID),
  ).action((id: string, options: Options) => change(config, id, options));
  const decide = (verb: string, description: string, act: Decide) =>
    draft
      .command(verb)
      .description(description)
      .argument('<id>', DRAFT_ID)
      .option('--json', 'answer as JSON')
      .action((id: string, options: Options) => decideDraft(config, id, options, act));
  decide('show', 'one of them', async (_context, one) => ({ kind: 'shown', draft: one }));
  decide('approve', 'its digest goes with it', (context, one) => approveDraft(context, one.id, one.version));
  decide('take-back', 'it is not approved, or not ordered, any more', (context, one) =>
    takeDraftBack(context, one.id, one.version),
  );
  decide('discard', 'throw it away', (context, one) => discardDraft(context, one.id, one.version));
  decide('send', 'send an email of its own; asks before', send)
    .option('--at <time>', `later (${MOMENT_FORMAT})`, parseMoment)
    .option('--yes', 'do not ask; needed where there is no terminal');
}

function wordOptions(command: Command): Command {
  return command
    .option('--subject <line>', 'instead of the first title')
    .option('--preheader <line>', 'what inboxes show beside the subject')
    .option('--note <text>', 'above the articles, in Markdown')
    .option('--outro <text>', 'below the articles, in Markdown')
    .option('--json', 'answer as JSON');
}

async function list(config: ReadConfig, options: Options): Promise<void> {
  const drafts = await withContext(config(), async (context) => {
    const { id } = await choosePublication(context, options.publication);
    return listDrafts(context.db, id, { limit: MAX_LISTED });
  });
  const headings = ['Id', 'For', 'Period', 'State', 'Version', 'Subject'];
  const rows = drafts.map((one) => [
    one.id,
    one.cadence ?? '',
    one.period ?? '',
    one.state,
    `${one.version}`,
    one.content.subject ?? '',
  ]);
  print(options, drafts, listLines(headings, rows, 'Nothing is written.'));
}

async function write(config: ReadConfig, options: Options): Promise<void> {
  const words = readWords(options);
  const { kind, draft } = await withContext(config(), async (context) => {
    const publication = await choosePublication(context, options.publication);
    const wanted = {
      cadence: cadences.find((one) => one === options.for) ?? null,
      period: options.period ?? null,
    };
    const target = findTarget(publication, wanted, context.now());
    if (target === undefined) throw new CliError('Nothing was written: no such digest is to come.', 2);
    return writeDraft(context, publication.id, target, words);
  });
  if (kind === 'known')
    throw new CliError(
      `Nothing was written: there is a draft for this digest, ${draft.id}. Change that one.`,
    );
  print(options, draft, [
    `Draft ${draft.id}. Nobody is mailed it yet. Go on with: draft ${nextVerb(draft)} ${draft.id}`,
  ]);
}

function nextVerb({ cadence }: Draft): string {
  return cadence === null ? 'send' : 'approve';
}

async function change(config: ReadConfig, id: string, options: Options): Promise<void> {
  const words = readWords(options);
  const draft = await withContext(config(), async (context) => {
    const found = await chooseDraft(context, id);
    const changed = await changeDraft(context, found.id, { seen: found.version, change: words });
    if (changed.kind === 'changed' || changed.kind === 'same') return changed.draft;
    throw new CliError(REFUSALS[changed.kind] ?? 'There is no such draft.');
  });
  print(options, draft, [`It is at version ${draft.version}.`]);
}

function readWords({ subject, preheader, note, outro }: Words): DraftChange {
  const parsed = draftChangeSchema.safeParse({ subject, preheader, note, outro }, { error: mistakeWords });
  if (parsed.success) return parsed.data;
  const [mistake] = parsed.error.issues;
  throw new CliError(`Nothing was written. --${mistake?.path.join('.')} ${mistake?.message}.`, 2);
}

type Decide = (context: Context, draft: Draft, options: Options) => Promise<{ kind: string }>;

const DONE: Readonly<Record<string, string>> = {
  approved: 'Approved. Its digest goes with it.',
  'taken-back': 'Taken back. It can be changed again.',
  discarded: 'Thrown away. Nobody is mailed it.',
  sent: 'Ordered. It is sent by the running worker.',
};

const REFUSALS: Readonly<Record<string, string>> = {
  'changed-meanwhile': 'Nothing was done: somebody else has changed it meanwhile.',
  clash: 'Nothing was changed: somebody else has changed it meanwhile.',
  over: 'Nothing was done: its state does not allow it.',
  begun: 'Nothing was changed: its digest has begun.',
  empty: 'Nothing was approved: nothing is written.',
  'no-words': 'Nothing was sent: an email without articles needs a subject and a note.',
  'no-articles': 'Nothing was sent: no article was chosen for it.',
  'nobody-due': 'Nothing was sent: nobody would get it.',
  'not-live': NOT_LIVE,
  archived: 'Nothing was sent: the publication is archived.',
};

async function decideDraft(config: ReadConfig, id: string, options: Options, act: Decide): Promise<void> {
  const draft = await withContext(config(), async (context) => {
    const found = await chooseDraft(context, id);
    const { kind } = await act(context, found, options);
    if (kind === 'shown') return { kind, draft: found };
    if (DONE[kind] === undefined) throw new CliError(REFUSALS[kind] ?? 'There is no such draft.');
    return { kind, draft: (await findDraft(context.db, found.id)) ?? found };
  });
  print(
    options,
    draft.draft,
    DONE[draft.kind] === undefined ? describe(draft.draft) : [DONE[draft.kind] ?? ''],
  );
}

function describe({ state, version, cadence, period, content }: Draft): string[] {
  const { subject, preheader, note, outro } = content;
  const target = cadence === null ? 'an email of its own' : `${cadence}, ${period ?? 'the next'}`;
  const words = [subject, preheader, note, outro].filter((text) => text !== null);
  return [`${state}, version ${version}, for ${target}`, ...words];
}

async function send(context: Context, draft: Draft, { at, yes }: Options): Promise<{ kind: string }> {
  const publication = await findPublication(context.db, draft.publicationId);
  const sendAt =
    at === undefined || publication === undefined ? undefined : resolveMoment(at, publication).at;
  if (yes !== true)
    await confirmOrAbort(`Send “${draft.content.subject ?? ''}” to its readers?`, 'Nothing was sent.');
  return sendDraft(context, draft.id, { version: draft.version, sendAt });
}

async function chooseDraft(context: Context, id: string): Promise<Draft> {
  const draft = await findDraft(context.db, parseId(id, A_DRAFT));
  if (draft === undefined) throw new CliError('There is no such draft.');
  return draft;
}
