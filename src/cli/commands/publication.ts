import type { Command } from 'commander';
import type { z } from 'zod';
import type { ReadConfig } from '../read-config.js';
import {
  createPublication,
  describeSlugTaken,
  updatePublication,
  archivePublication,
  type SlugTaken,
} from '../../publications/change-publication.js';
import { goLive } from '../../publications/go-live.js';
import {
  settingsChangeSchema,
  newPublicationSchema,
  settingsSchema,
  type Publication,
} from '../../publications/publication.js';
import { listPublications } from '../../publications/reads.js';
import { mistakeWords } from '../../platform/text/describe-mistakes.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import { CliError } from '../cli-error.js';
import { settingsHelp } from './publication-settings.js';
import { withContext } from '../servers.js';

type Options = { json?: boolean; publication?: string };
type LiveOptions = Options & { sendReleased?: boolean };
type ArchiveOptions = { publication: string; yes?: boolean; json?: boolean };

export function publicationCommands(paperround: Command, config: ReadConfig): void {
  const publication = paperround.command('publication').description('the newsletters this server sends');
  publication
    .command('create')
    .description('make a publication; settings are written name=value')
    .argument('<settings...>', 'at least slug= name= siteUrl= fromAddress=')
    .option('--json', 'answer as JSON')
    .addHelpText('after', settingsHelp)
    .action((pairs: string[], options: Options) => create(config, pairs, options));
  publication
    .command('list')
    .description('all publications that still publish')
    .option('--json', 'answer as JSON')
    .action((options: Options) => list(config, options));
  publication
    .command('show')
    .description('every setting of a publication')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((options: Options) => show(config, options));
  publication
    .command('set')
    .description('change settings, written name=value; an empty value takes an optional one away')
    .argument('<settings...>', 'for example holdMinutes=0 defaultCadence=instant')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .addHelpText('after', settingsHelp)
    .action((pairs: string[], options: Options) => set(config, pairs, options));
  publication
    .command('live')
    .description('let one that was made at /operator, and is being set up, send digests')
    .option('--publication <slug>', 'which one')
    .option('--send-released', 'its readers also get the articles that came out meanwhile')
    .option('--json', 'answer as JSON')
    .action((options: LiveOptions) => makeLive(config, options));
  publication
    .command('archive')
    .description('stop a publication for good; links to unsubscribe keep working')
    .requiredOption('--publication <slug>', 'which one')
    .option('--yes', 'needed: there is no way back')
    .option('--json', 'answer as JSON')
    .action((options: ArchiveOptions) => archive(config, options));
}

async function create(config: ReadConfig, pairs: string[], options: Options): Promise<void> {
  const settings = parseSettings(newPublicationSchema, pairs);
  const created = await withContext(config(), (context) => createPublication(context, settings));
  if (created.kind === 'slug-taken') throw slugTakenError(settings.slug, created);
  print(options, { id: created.id, slug: settings.slug }, [`Made ${settings.name} (${settings.slug}).`]);
}

async function list(config: ReadConfig, options: Options): Promise<void> {
  const publications = await withContext(config(), ({ db }) => listPublications(db));
  const rows = publications.map(({ slug, name, defaultCadence }) => [slug, name, defaultCadence]);
  const headings = ['Slug', 'Name', 'Cadence'];
  print(options, publications, listLines(headings, rows, 'There is no publication yet.'));
}

async function show(config: ReadConfig, options: Options): Promise<void> {
  const publication = await withContext(config(), (context) =>
    choosePublication(context, options.publication),
  );
  print(options, publication, listLines(['Setting', 'Value'], settingsOf(publication), ''));
}

async function set(config: ReadConfig, pairs: string[], options: Options): Promise<void> {
  const settings = parseSettings(settingsChangeSchema, pairs);
  const changed = await withContext(config(), async (context) => {
    const { id, slug } = await choosePublication(context, options.publication);
    const change = await updatePublication(context, id, settings);
    if (change.kind === 'slug-taken') throw slugTakenError(settings.slug ?? slug, change);
    return { before: slug, publication: await choosePublication(context, settings.slug ?? slug) };
  });
  const { before, publication } = changed;
  print(options, publication, [
    `Changed ${publication.name}. Mails made from now on use it.`,
    ...(publication.slug === before ? [] : slugChangeLines(before, publication.slug)),
  ]);
}

async function makeLive(config: ReadConfig, options: LiveOptions): Promise<void> {
  const { sendReleased = false } = options;
  const publication = await withContext(config(), async (context) => {
    const found = await choosePublication(context, options.publication);
    const result = await goLive(context, found.id, { sendsReleased: sendReleased });
    if (result.kind === 'not-set-up')
      throw new CliError(`${found.name} sends digests already, or is archived. Nothing was changed.`);
    return choosePublication(context, found.slug);
  });
  print(options, publication, [
    `${publication.name} is live: its readers get what is published from now on${sendReleased ? ', and what came out before' : ''}.`,
  ]);
}

async function archive(config: ReadConfig, options: ArchiveOptions): Promise<void> {
  if (options.yes !== true)
    throw new CliError('Nothing was changed. Add --yes to archive it: there is no way back.', 2);
  const archived = await withContext(config(), async (context) => {
    const found = await choosePublication(context, options.publication);
    await archivePublication(context, found.id);
    return found;
  });
  const { id, slug } = archived;
  print(options, { id, slug, archived: true }, [
    `${archived.name} is archived. It takes no one in and sends nothing any more.`,
  ]);
}

function slugTakenError(slug: string, taken: SlugTaken): CliError {
  return new CliError(describeSlugTaken(slug, taken));
}

function slugChangeLines(before: string, slug: string): string[] {
  return [
    `Forms, feeds and links that name "${before}" go on working and lead to "${slug}"; no other publication can take that name.`,
    `Where there are templates of your own in a folder "${before}", rename it to "${slug}" and start again.`,
  ];
}

function settingsOf(publication: Publication): string[][] {
  return Object.keys(settingsSchema.shape).map((name) => {
    const value = publication[name as keyof Publication];
    return [name, typeof value === 'boolean' ? onOff(value) : String(value ?? '')];
  });
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}

function parseSettings<Parsed>(schema: z.ZodType<Parsed>, pairs: string[]): Parsed {
  const given = Object.fromEntries(pairs.map(parseSetting));
  const result = schema.safeParse(given, { error: mistakeWords });
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((issue) => describeMistake(given, issue));
  throw new CliError(`Nothing was changed. ${mistakes.join(' ')}`, 2);
}

function describeMistake(given: Record<string, string | null>, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `There is no setting ${issue.keys.join(', ')}.`;
  const name = issue.path.join('.');
  if (given[name] === undefined) return `${name} is missing.`;
  if (given[name] === null) return `${name} cannot be empty.`;
  return `${name} ${issue.message}.`;
}

function parseSetting(pair: string): [string, string | null] {
  const at = pair.indexOf('=');
  if (at < 1) throw new CliError(`Settings are written name=value, and this is not one: ${pair}`, 2);
  const value = pair.slice(at + 1);
  return [pair.slice(0, at), value === '' ? null : value];
}
