import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { addHook, removeHook, type AddedHook, type HookProof } from '../../events/providers/change-hooks.js';
import { providers, type Provider } from '../../events/providers/provider.js';
import { providerNames } from '../../platform/mail/smtp/providers.js';
import { listHooks, type ListedHook } from '../../events/providers/reads.js';
import { CliError } from '../cli-error.js';
import { listLines, print } from '../output.js';
import { parseId } from '../parse-id.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

/** `hook list|add|remove`. */
export function hookCommands(paperround: Command, config: ReadConfig): void {
  const hook = paperround.command('hook').description('what providers of mail tell by webhook');

  hook
    .command('list')
    .description('all hooks, and how each stands')
    .option('--json', 'answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const hooks = await withContext(config(), ({ db }) => listHooks(db));
      const headings = ['Id', 'Provider', 'State', 'Last event', 'Unread'];
      print(
        options,
        hooks.map(shownHook),
        listLines(headings, hooks.map(hookRow), 'No provider tells anything yet.'),
      );
    });

  hook
    .command('add')
    .description('take what a provider tells from now on')
    .argument('<provider>', providers.join(', '))
    .option('--topic <arn>', 'of Amazon SES: the ARN of the SNS topic')
    .option(
      '--key-file <file>',
      'of Mailgun and SendGrid: a file with its signing or verification key; - reads stdin',
    )
    .option('--json', 'answer as JSON')
    .action((provider: string, options: AddOptions) => add(config, provider, options));

  hook
    .command('remove')
    .description('refuse what it sends from now on, and delete what it has sent')
    .argument('<id>', 'its id as hook list shows it')
    .option('--json', 'answer as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const hookId = parseId(id, { what: 'a hook', list: 'hook list' });
      const removed = await withContext(config(), (context) => removeHook(context, hookId));
      if (!removed) throw new CliError('There is no such hook. Nothing was changed.');
      print(options, { id: hookId, removed: true }, ['Removed.']);
    });
}

type AddOptions = { topic?: string; keyFile?: string; json?: boolean };

async function add(config: ReadConfig, name: string, { json, ...given }: AddOptions): Promise<void> {
  const provider = providers.find((one) => one === name);
  if (provider === undefined)
    throw new CliError(`A provider is one of ${providers.join(', ')}; this is not: ${name}`, 2);
  const proof = readProof(provider, given);
  await withContext(config(), async (context) => {
    const added = await addHook(context, proof);
    if (added.kind !== 'added') throw new CliError(`${MISTAKES[added.kind]} Nothing was changed.`);
    const url = `${context.publicUrl}/hooks/${provider}`;
    const { id, secret } = added;
    const lines = secret === undefined ? [url] : [url, secret, 'Keep the secret now: it is not shown again.'];
    print({ ...(json && { json }) }, { id, provider, url, ...(secret !== undefined && { secret }) }, lines);
  });
}

function readProof(provider: Provider, { topic, keyFile }: Omit<AddOptions, 'json'>): HookProof {
  if (provider === 'postmark' || provider === 'brevo') return { provider };
  if (provider === 'ses') {
    if (topic === undefined) throw new CliError('Amazon SES needs --topic with the ARN of its SNS topic.', 2);
    return { provider, topicArn: topic };
  }
  if (keyFile === undefined)
    throw new CliError(`${providerNames[provider]} needs --key-file with its key.`, 2);
  return { provider, key: readKey(keyFile) };
}

/** Not as an argument: other users of the machine see those. */
function readKey(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CliError(`${file} cannot be read.`);
  }
}

const MISTAKES: Readonly<Record<Exclude<AddedHook['kind'], 'added'>, string>> = {
  'wrong-topic': 'That is no ARN of a topic of SNS.',
  'wrong-key': 'That is no key of this provider.',
  known: 'It is set up already.',
  'too-many': 'There are too many hooks of this provider: remove one first.',
};

function shownHook({ id, provider, topicArn, state, lastEventAt, unread, refusal, refusedAt }: ListedHook) {
  return { id, provider, topicArn, state, lastEventAt, unread, refusal, refusedAt };
}

function hookRow({ id, provider, state, lastEventAt, unread }: ListedHook): string[] {
  return [id, providerNames[provider], state, lastEventAt?.toISOString() ?? 'none', String(unread)];
}
