import type { Command } from 'commander';
import { resumeTransport } from '../../deliveries/control/resume-transport.js';
import { countWaitingMail } from '../../deliveries/reads.js';
import { listCircuitsWithMail } from '../../deliveries/waiting-mail.js';
import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import { countNoun } from '../../platform/text/count-noun.js';
import { WHOLE_SERVER, type CircuitWithTransport } from '../../transports/circuits/circuit.js';
import { listCircuits } from '../../transports/circuits/reads.js';
import { listAllTransports } from '../../transports/reads.js';
import { describeForTerminal, resumeCommand } from './describe-for-terminal.js';
import { findNextAttempt } from './next-attempt.js';
import { print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';

type Options = { domain?: string; json?: boolean };

export function transportCommands(paperround: Command, config: ReadConfig): void {
  const transport = paperround
    .command('transport')
    .description('mail servers, and which of them or of the domains behind them are left alone');

  transport
    .command('list')
    .description('every mail server there was, and what is left alone for now')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const servers = await withContext(config(), readServers);
      const lines = servers.flatMap(serverLines);
      print(options, servers, lines.length === 0 ? ['No mail server has been used yet.'] : lines);
    });

  transport
    .command('resume')
    .description('let mail go again to a server, or to one domain behind it, that is left alone')
    .argument('<name>', 'the server as transport list shows it, host:port')
    .option('--domain <domain>', 'only the readers of this domain are left alone')
    .option('--json', 'answer as JSON')
    .action((name: string, options: Options) => resume(config, name, options));
}

type Server = { name: string; firstUsedAt: Date | null; circuits: ReturnType<typeof circuitToJson>[] };

async function readServers(context: Context): Promise<Server[]> {
  const { db } = context;
  const circuits = await listCircuitsWithMail(db);
  return (await listAllTransports(db)).map(({ id, name, firstUsedAt }) => ({
    name,
    firstUsedAt,
    circuits: circuits
      .filter(({ transportId }) => transportId === id)
      .map((circuit) => circuitToJson(context, circuit)),
  }));
}

function circuitToJson(context: Context, circuit: CircuitWithTransport) {
  const { domain, kind, reason, replyCount, failureCount, openedAt, openCount, closesAt, waiting } = circuit;
  return {
    domain,
    kind,
    reason,
    answers: replyCount,
    against: failureCount,
    openedAt,
    tries: openCount,
    closesAt,
    ...(waiting === undefined ? {} : { waiting }),
    says: describeForTerminal(context, circuit),
  };
}

function serverLines({ name, firstUsedAt, circuits }: Server): string[] {
  const since = firstUsedAt === null ? 'never used' : `used since ${firstUsedAt.toISOString()}`;
  return [
    `${name}  ${since}${circuits.length === 0 ? ', nothing is left alone' : ''}`,
    ...circuits.flatMap(({ openedAt, says }) => [
      `  left alone since ${openedAt.toISOString()}`,
      ...says.map((sentence) => `    ${sentence}`),
    ]),
  ];
}

async function resume(config: ReadConfig, name: string, options: Options): Promise<void> {
  const domain = options.domain?.toLowerCase() ?? WHOLE_SERVER;
  const { next, waiting } = await withContext(config(), async (context) => {
    const circuits = await listCircuitsOfServer(context.db, name);
    const found = circuits.find((circuit) => circuit.domain === domain);
    const closed = found && (await resumeTransport(context, found.id));
    if (closed === undefined) throw new CliError(notResumedReason(name, domain, circuits));
    const waiting = await countWaitingMail(context.db);
    return { waiting, next: await findNextAttempt(context) };
  });
  const nextAttemptAt = waiting === 0 ? null : next.at;
  print(options, { transport: name, domain, changed: true, waiting, nextAttemptAt }, [
    ...resumedLines(name, domain, waiting),
    ...(waiting === 0 ? [] : next.sentences),
  ]);
}

/** The open circuits of a server. */
async function listCircuitsOfServer(db: Db, name: string): Promise<CircuitWithTransport[]> {
  const known = await listAllTransports(db);
  if (!known.some((one) => one.name === name)) {
    throw new CliError(`There is no mail server ${name}. See them with: paperround transport list`);
  }
  return (await listCircuits(db)).filter(({ transport }) => transport === name);
}

function resumedLines(name: string, domain: string, waiting: number): string[] {
  const count = `${countNoun(waiting, 'mail')} ${waiting === 1 ? 'waits' : 'wait'} to be sent`;
  const state = waiting === 0 ? 'none waits now' : count;
  if (domain !== WHOLE_SERVER) return [`Mail to ${domain} goes through ${name} again; ${state}.`];
  return [
    `Mail goes through ${name} again; ${state}.`,
    'A digest that is paused stays so until you go on with it: paperround digest resume ID',
  ];
}

function notResumedReason(name: string, domain: string, circuits: readonly CircuitWithTransport[]): string {
  const what = domain === WHOLE_SERVER ? `The mail server ${name}` : `Mail to ${domain} through ${name}`;
  const others = circuits.filter((circuit) => circuit.domain !== domain);
  const hint = others.length === 0 ? '' : ` For what is: ${others.map(resumeCommand).join(', or: ')}`;
  return `${what} is not left alone. Nothing was changed.${hint}`;
}
