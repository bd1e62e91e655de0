import { parseAddress, parseDomain } from '../../../subscribers/address.js';
import {
  liftAsOperator,
  liftDomain,
  liftListed,
  suppressAddress,
  suppressDomain,
  type OperatorLift,
} from '../../../subscribers/suppression/operator-changes.js';
import { CliError } from '../../cli-error.js';
import { print } from '../../output.js';
import { parseId } from '../../parse-id.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';
import { addFromFile } from './add-file.js';
import { chooseScope, type ChangeOptions } from './scope.js';

type Target = { emailKey: string } | { domain: string } | { file: string } | { id: string };

/** An address, a domain, or those of a file. */
export async function add(
  config: ReadConfig,
  address: string | undefined,
  options: ChangeOptions,
): Promise<void> {
  const target = parseTarget(address, options);
  const note = parseNote(options.note);
  if ('file' in target) return addFromFile(config, target.file, { ...options, note });
  const { kind } = await withContext(config(), async (context) => {
    const change = { publicationId: await chooseScope(context, options), note };
    return 'domain' in target
      ? suppressDomain(context, { ...change, ...target })
      : suppressAddress(context, { ...change, emailKey: requireKey(target) });
  });
  const isNew = kind === 'suppressed';
  print(options, { added: isNew }, [isNew ? 'Suppressed.' : 'It was suppressed by an operator before.']);
}

export async function remove(
  config: ReadConfig,
  address: string | undefined,
  options: ChangeOptions,
): Promise<void> {
  const target = parseTarget(address, options);
  const note = parseNote(options.note);
  const result = await withContext(config(), async (context) => {
    const change = { publicationId: await chooseScope(context, options), note };
    if ('id' in target) return liftListed(context, { ...change, ...target });
    return 'domain' in target
      ? liftDomain(context, { ...change, ...target })
      : liftAsOperator(context, { ...change, emailKey: requireKey(target) });
  });
  if (result === undefined)
    throw new CliError('There is no suppression with this id here. Nothing was changed.');
  if (result.lifted.length === 0)
    throw new CliError([...describeRemaining(result), 'Nothing was changed.'].join('\n'));
  const done = `Lifted: ${result.lifted.map(describeOne).join(', ')}.`;
  print(options, result, [done, ...describeRemaining(result)]);
}

function describeRemaining({ lifted, remaining, readerMayUndoUntil }: OperatorLift): string[] {
  if (remaining.length === 0)
    return lifted.length === 0 ? ['Nothing that you can lift stops mail to it.'] : [];
  const rest = `Mail to it is still stopped: ${remaining.map(describeOne).join(', ')}.`;
  if (readerMayUndoUntil !== null)
    return [
      rest,
      `She blocked it herself, and only she can undo that until ${readerMayUndoUntil.toISOString()}.`,
    ];
  const isOfDomain = remaining.some(({ domain }) => domain !== undefined);
  return [
    rest,
    ...(isOfDomain ? ['What holds for a domain is lifted with --domain.'] : []),
    'What holds for all publications is lifted with --everywhere.',
  ];
}

function describeOne({ reason, everywhere, domain }: OperatorLift['lifted'][number]): string {
  const of = domain === undefined ? '' : ` of all at ${domain}`;
  return everywhere ? `${reason}${of} (all publications)` : `${reason}${of}`;
}

function parseTarget(address: string | undefined, { domain, file, id }: ChangeOptions): Target {
  const named = [address, domain, file, id].filter((one) => one !== undefined);
  if (named.length !== 1)
    throw new CliError('Name one: an address, or one of the options instead. Nothing was changed.', 2);
  if (file !== undefined) return { file };
  if (id !== undefined) return { id: parseId(id, { what: 'a suppression', list: 'suppression list' }) };
  return domain === undefined ? { emailKey: parseKey(address ?? '') } : { domain: requireDomain(domain) };
}

function requireKey(target: Target): string {
  if ('emailKey' in target) return target.emailKey;
  throw new Error('No address was named');
}

function requireDomain(text: string): string {
  const domain = parseDomain(text);
  if (domain === undefined) throw new CliError('This is no domain of mail. Nothing was changed.', 2);
  return domain;
}

export function parseKey(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.kind === 'malformed') throw new CliError('This is no mail address. Nothing was changed.', 2);
  return parsed.address.key;
}

function parseNote(text: string): string {
  const note = text.trim();
  if (note === '') throw new CliError('--note is empty. Nothing was changed.', 2);
  return note;
}
