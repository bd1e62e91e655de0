import type { Command } from 'commander';
import { lookAtSender } from '../../publications/check-sender.js';
import type { CheckResults } from '../../publications/check.js';
import type { DnsCheck } from '../../transports/sender-dns/dns-check.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';
import { NAME_SERVER_OPTION, openNameServer } from '../name-server.js';
import { print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

type Options = { publication?: string; dns?: string; json?: boolean };

export function doctorCommands(paperround: Command, config: ReadConfig): void {
  const doctor = paperround.command('doctor').description('look whether things are as they should be');
  doctor
    .command('dns')
    .description(
      'what the DNS says of a publication’s sender, and what to publish; exit code 1 when something is not right',
    )
    .option('--publication <slug>', 'which one')
    .option(...NAME_SERVER_OPTION)
    .option('--json', 'answer as JSON')
    .action((options: Options) => checkDns(config, options));
}

async function checkDns(config: ReadConfig, options: Options): Promise<void> {
  const dns = openNameServer(options.dns);
  const { publication, result } = await withContext(config(), async (context) => {
    const publication = await choosePublication(context, options.publication);
    return { publication, result: await lookAtSender({ ...context, dns }, publication) };
  });
  print(options, { publication: publication.slug, ...result }, describeResult(result));
  const isWrong = result.domains.some(({ checks }) => checks.some(({ status }) => status === 'bad'));
  if (isWrong) throw new CliError('The DNS does not show every record as it should be.');
}

function describeResult({ signer, domains }: CheckResults['dns']): string[] {
  return [
    signer === 'paperround' ? 'Paperround signs.' : 'The mail server signs.',
    ...domains.flatMap(({ domain, checks }) => ['', domain, ...checks.flatMap(describeCheck)]),
  ];
}

const marks: Readonly<Record<DnsCheck['status'], string>> = {
  good: 'good',
  look: 'look at it',
  bad: 'not right',
};

function describeCheck({ record, type, name, status, sentence, expected, found }: DnsCheck): string[] {
  return [
    `  ${record.toUpperCase().padEnd(6)}${marks[status]}: ${sentence}`,
    ...(expected === null || status === 'good'
      ? []
      : [`        expected  ${type} ${name}`, `                  ${expected}`]),
    ...found.map((text) => `        found     ${text}`),
  ];
}
