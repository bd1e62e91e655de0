import type { Command } from 'commander';
import { readHealth } from '../../dashboard/health.js';
import { describeHealth, type HealthArea, type HealthItem } from '../../dashboard/health-items.js';
import { listPublications } from '../../publications/reads.js';
import { checkCounts, type WrongCount } from '../../dashboard/check-counts.js';
import { countNoun } from '../../platform/text/count-noun.js';
import { lookAtSender } from '../../publications/check-sender.js';
import { sectionsOf, type CheckResults } from '../../publications/check.js';
import type { CircuitWithTransport } from '../../transports/circuits/circuit.js';
import { mailboxProviders } from '../../platform/mail/mailbox-provider.js';
import { liftProviderLimit } from '../../transports/provider-limits/judge-providers.js';
import type { ProviderRates, ProviderState } from '../../transports/provider-limits/rates.js';
import { isInForce, listProviderLimits, readProviderRates } from '../../transports/provider-limits/reads.js';
import type { DnsCheck } from '../../transports/sender-dns/dns-check.js';
import { resumeCommand } from './describe-for-terminal.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';
import { NAME_SERVER_OPTION, openNameServer } from '../name-server.js';
import { listLines, print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

type Options = { publication?: string; dns?: string; json?: boolean };
type ProviderOptions = { resume?: string; json?: boolean };
type CountOptions = { all?: boolean; correct?: boolean; json?: boolean };

export function doctorCommands(paperround: Command, config: ReadConfig): void {
  const doctor = paperround.command('doctor').description('look whether things are as they should be');
  doctor
    .command('health', { isDefault: true })
    .description(
      'mail servers, jobs, clocks, feeds: what does not work, what readers notice, what to do; exit code 1 then',
    )
    .option('--json', 'answer as JSON')
    .action((options: Options) => checkHealth(config, options));
  doctor
    .command('dns')
    .description(
      'what the DNS says of a publication’s sender, and what to publish; exit code 1 when something is not right',
    )
    .option('--publication <slug>', 'which one')
    .option(...NAME_SERVER_OPTION)
    .option('--json', 'answer as JSON')
    .action((options: Options) => checkDns(config, options));
  doctor
    .command('providers')
    .description(
      'of large mailbox providers how much mail was accepted, bounced and complained about in seven days, and what follows; exit code 1 when mail to one is kept back',
    )
    .option('--resume <provider>', 'let digests to it go for a day, such as Gmail')
    .option('--json', 'answer as JSON')
    .action((options: ProviderOptions) => checkProviders(config, options));
  doctor
    .command('counts')
    .description(
      'count anew what pages and programs are shown numbers of, and compare; while everything runs',
    )
    .option(
      '--all',
      'also the deliveries of digests that are older than a week: minutes for a hundred million',
    )
    .option('--correct', 'make wrong numbers right')
    .option('--json', 'answer as JSON')
    .action(async ({ all = false, correct = false, ...options }: CountOptions) => {
      const wrong = await withContext(config(), (context) =>
        checkCounts(context, { allDigests: all, correct }),
      );
      print(options, wrong, wrongLines(wrong, correct));
      if (wrong.length > 0 && !correct) process.exitCode = 1;
    });
}

function wrongLines(wrong: readonly WrongCount[], correct: boolean): string[] {
  const lines = listLines(
    ['Number', 'Of', 'Was', 'Is'],
    wrong.map(({ name, ownerId, key, kept, counted }) => [
      [name, ...key].join(' '),
      ownerId,
      String(kept),
      String(counted),
    ]),
    'Every number is what there is.',
  );
  if (wrong.length === 0) return lines;
  return correct
    ? [...lines, `Made right: ${countNoun(wrong.length, 'number')}.`]
    : [...lines, 'No mail depends on these numbers. Make them right: paperround doctor counts --correct'];
}

async function checkHealth(config: ReadConfig, options: Options): Promise<void> {
  const areas = await withContext(config(), async (context) => {
    const publications = await listPublications(context.db);
    const health = await readHealth(context, publications);
    const formatTime = (moment: Date) => moment.toISOString();
    const resume = (circuit: CircuitWithTransport) => `run: ${resumeCommand(circuit)}`;
    return describeHealth(health, { ...context, now: context.now(), formatTime, resume, publications });
  });
  print(options, areas, areas.flatMap(describeArea));
  if (areas.some(({ items }) => items.some(({ isWell }) => !isWell)))
    throw new CliError('Something does not work.');
}

function describeArea({ heading, items }: HealthArea): string[] {
  return [heading, ...items.flatMap(describeItem), ''];
}

function describeItem({ title, isWell, says, readers, todo, commands }: HealthItem): string[] {
  return [
    `  ${isWell ? 'well' : 'trouble'}: ${title}`,
    ...says.map((sentence) => `    ${sentence}`),
    ...(readers === null ? [] : [`    Readers notice: ${readers}`]),
    ...todo.map((sentence) => `    To do: ${sentence}`),
    ...commands.map((command) => `      ${command}`),
  ];
}

async function checkProviders(config: ReadConfig, { resume, ...options }: ProviderOptions): Promise<void> {
  const named = mailboxProviders.find((name) => name.toLowerCase() === resume?.toLowerCase());
  if (resume !== undefined && named === undefined)
    throw new CliError(`There is no ${resume}. One of: ${mailboxProviders.join(', ')}`, 2);
  const rows = await withContext(config(), async (context) => {
    const { db, now } = context;
    if (named !== undefined && !(await liftProviderLimit(context, named)))
      throw new CliError(`Nothing is kept back from ${named}.`);
    const limits = (await listProviderLimits(db)).filter((limit) => isInForce(limit, now()));
    const rates = await readProviderRates(db, now());
    return rates.map((each): ProviderRates & { state: ProviderState } => ({
      ...each,
      state: limits.find(({ provider }) => provider === each.provider)?.state ?? 'well',
    }));
  });
  const known = rows.filter(({ accepted, bounced, complained }) => accepted + bounced + complained > 0);
  print(
    options,
    rows,
    listLines(
      ['Provider', 'Accepted', 'Bounced', 'Complained', 'State'],
      known.map(providerLine),
      'Nothing was sent to a large provider within seven days.',
    ),
  );
  if (named === undefined && rows.some(({ state }) => state !== 'well'))
    throw new CliError('Digests to some mailboxes are kept back.');
}

function providerLine({
  provider,
  accepted,
  bounced,
  complained,
  state,
}: ProviderRates & { state: ProviderState }) {
  return [provider, String(accepted), String(bounced), String(complained), state];
}

async function checkDns(config: ReadConfig, options: Options): Promise<void> {
  const dns = openNameServer(options.dns);
  const { publication, result } = await withContext(config(), async (context) => {
    const publication = await choosePublication(context, options.publication);
    return { publication, result: await lookAtSender({ ...context, dns }, publication) };
  });
  print(options, { publication: publication.slug, ...result }, describeResult(result));
  const isWrong = sectionsOf(result).some(({ checks }) => checks.some(({ status }) => status === 'bad'));
  if (isWrong) throw new CliError('The DNS does not show every record as it should be.');
}

function describeResult(result: CheckResults['dns']): string[] {
  return [
    result.signer === 'paperround' ? 'Paperround signs.' : 'The mail server signs.',
    ...sectionsOf(result).flatMap(({ title, checks }) => ['', title, ...checks.flatMap(describeCheck)]),
  ];
}

const marks: Readonly<Record<DnsCheck['status'], string>> = {
  good: 'good',
  look: 'look at it',
  bad: 'not right',
};

function describeCheck({ record, type, name, status, sentence, expected, found }: DnsCheck): string[] {
  return [
    `  ${record.toUpperCase().padEnd(5)} ${marks[status]}: ${sentence}`,
    ...(expected === null || status === 'good'
      ? []
      : [`        expected  ${type} ${name}`, `                  ${expected}`]),
    ...found.map((text) => `        found     ${text}`),
  ];
}
