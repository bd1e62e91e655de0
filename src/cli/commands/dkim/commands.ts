import type { Command } from 'commander';
import type { Context } from '../../../platform/context.js';
import type { DkimAlgorithm } from '../../../platform/mail/dkim/keys.js';
import type { ResolveTxt } from '../../../platform/mail/dkim/dns-record.js';
import { activateDkimKeys, lookUpKeys, type KeyLookup } from '../../../transports/dkim/activate-keys.js';
import { dkimKeyState } from '../../../transports/dkim/key.js';
import { listDkimKeys, listDkimKeysOf } from '../../../transports/dkim/reads.js';
import {
  createDkimKeys,
  rotateDkimKeys,
  type CreateKeysResult,
} from '../../../transports/dkim/create-keys.js';
import { chooseDomain } from './choose-domain.js';
import { activatedLines, keyLines, madeLines, keyToJson, unpublishedLines } from './report.js';
import { NAME_SERVER_OPTION, openNameServer } from '../../name-server.js';
import { print } from '../../output.js';
import type { ReadConfig } from '../../read-config.js';
import { CliError } from '../../cli-error.js';
import { withContext } from '../../servers.js';

type DomainOptions = { domain?: string; publication?: string; dns?: string; json?: boolean };
type Options = DomainOptions & { algorithm: string; activate?: boolean; unchecked?: boolean };

const ACTIVATION_HELP = `
In two steps, so that no mail is signed with a key nobody can look up:
  1. The command makes new keys and prints their DNS records. Publish them. Nothing else changes yet.
  2. The same command with --activate looks whether the DNS has the records, and from then on the new keys sign, in
     place of any older ones. Those are retired; leave their records for a week, for mail still on its way.`;

export function dkimCommands(paperround: Command, config: ReadConfig): void {
  const dkim = paperround
    .command('dkim')
    .description('keys that sign mail, so that receivers can tell it is ours (DKIM)');

  for (const [name, description] of [
    ['create', 'make the first keys of a domain, or activate them'],
    ['rotate', 'make the next keys of a domain whose keys sign, or activate them'],
  ] as const) {
    addDomainOptions(dkim.command(name).description(description))
      .option('--algorithm <name>', 'rsa, ed25519 or both', 'both')
      .option('--activate', 'the records are published: sign with the new keys from now on')
      .option('--unchecked', 'activate without looking whether the DNS has the records')
      .addHelpText('after', ACTIVATION_HELP)
      .action((options: Options) => makeOrActivate(config, name, options));
  }

  addDomainOptions(dkim.command('show').description('the keys there are, and the DNS records they need'))
    .option('--check', 'look whether the DNS has the records; exit code 1 when one is not as it should be')
    .action((options: DomainOptions & { check?: boolean }) => show(config, options));
}

function addDomainOptions(command: Command): Command {
  return command
    .option('--domain <domain>', 'the domain behind the @ of the sender’s address')
    .option('--publication <slug>', 'or the publication whose sender it is')
    .option(...NAME_SERVER_OPTION)
    .option('--json', 'answer as JSON');
}

async function makeOrActivate(
  config: ReadConfig,
  name: 'create' | 'rotate',
  options: Options,
): Promise<void> {
  const algorithms = parseAlgorithms(options.algorithm);
  const dns = openNameServer(options.dns);
  const resolveTxt = options.unchecked === true ? undefined : (name: string) => dns.resolveTxt(name);
  await withContext(config(), async (context) => {
    const { domain, hints } = await chooseDomain(context, options);
    if (options.activate === true) return activate(context, { domain, resolveTxt, options });
    const make = name === 'create' ? createDkimKeys : rotateDkimKeys;
    const made = await make(context, { domain, algorithms });
    if (made.kind !== 'created') throw new CliError(notMadeReason(made.kind, domain));
    const shown = { domain, keys: made.keys.map((key) => keyToJson(key)) };
    print(options, shown, [...madeLines(made.keys, name), ...hints]);
  });
}

async function activate(
  context: Context,
  { domain, resolveTxt, options }: { domain: string; resolveTxt: ResolveTxt | undefined; options: Options },
): Promise<void> {
  const activated = await activateDkimKeys(context, domain, resolveTxt);
  if (activated.kind === 'none-waiting') {
    throw new CliError(`No key of ${domain} waits to be activated. Nothing was changed.`);
  }
  if (activated.kind === 'unpublished') throw new CliError(unpublishedLines(activated.lookups).join('\n'));
  const { keys, retired } = activated;
  const value = {
    domain,
    keys: keys.map((key) => keyToJson(key)),
    retired: retired.map((key) => keyToJson(key)),
  };
  print(options, value, activatedLines(domain, keys, retired));
}

async function show(config: ReadConfig, options: DomainOptions & { check?: boolean }): Promise<void> {
  const dns = openNameServer(options.dns);
  const looked = await withContext(config(), async (context) => {
    const isNamed = options.domain !== undefined || options.publication !== undefined;
    const keys = isNamed
      ? await listDkimKeysOf(context.db, (await chooseDomain(context, options)).domain)
      : await listDkimKeys(context.db);
    return options.check === true
      ? lookUpKeys(keys, (name) => dns.resolveTxt(name))
      : keys.map((key) => ({ key, lookup: undefined }));
  });
  const lines = looked.flatMap(({ key, lookup }) => keyLines(key, lookup));
  const shown = looked.map(({ key, lookup }) => keyToJson(key, lookup));
  print(
    options,
    shown,
    lines.length === 0 ? ['No mail is signed yet. Make keys with: paperround dkim create'] : lines,
  );
  if (looked.some(isWrong)) throw new CliError('The DNS does not show every record as it should be.');
}

/** A key whose DNS record is not as it should be; a retired key needs no record. */
function isWrong({
  key,
  lookup,
}: {
  key: KeyLookup['key'];
  lookup: KeyLookup['lookup'] | undefined;
}): boolean {
  return lookup !== undefined && lookup.kind !== 'published' && dkimKeyState(key) !== 'retired';
}

function parseAlgorithms(name: string): DkimAlgorithm[] {
  if (name === 'both') return ['rsa-sha256', 'ed25519-sha256'];
  if (name === 'rsa') return ['rsa-sha256'];
  if (name === 'ed25519') return ['ed25519-sha256'];
  throw new CliError(`An algorithm is rsa, ed25519 or both; this is not: ${name}`, 2);
}

function notMadeReason(kind: Exclude<CreateKeysResult['kind'], 'created'>, domain: string): string {
  if (kind === 'waiting') {
    return (
      `Keys of ${domain} wait for their records already; nothing was changed. ` +
      `See them with: paperround dkim show, and activate them with: paperround dkim create --activate`
    );
  }
  if (kind === 'signing') {
    return `Mail from ${domain} is signed already; nothing was changed. For new keys: paperround dkim rotate`;
  }
  return `There is no key of ${domain} to follow; nothing was made. For the first: paperround dkim create`;
}
