import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';
import { createToken, scopes, type Scope } from '../operators/api-token.js';
import { createEntryLink } from '../operators/entry-link.js';
import { print } from './output.js';
import { Refusal } from './refusal.js';
import { withContext } from './servers.js';

export function operatorCommands(paperround: Command, config: ReadConfig): void {
  paperround
    .command('operator')
    .description('people who run publications')
    .command('link')
    .description('a fresh link into the dashboard: works once, within 15 minutes')
    .option('--json', 'answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const url = await withContext(config(), (context) => createEntryLink(context));
      print(options, { url }, [url]);
    });

  paperround
    .command('token')
    .description('keys for programs')
    .command('create')
    .description('make an API token; it is shown this once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scope...>', scopes.join(', '))
    .option('--json', 'answer as JSON')
    .action(async ({ name, scope, ...options }: { name: string; scope: string[]; json?: boolean }) => {
      const wanted = [...new Set(scope)].map(scopeNamed);
      const { id, token } = await withContext(config(), (context) =>
        createToken(context, { name, scopes: wanted }),
      );
      print(options, { token, id, name, scopes: wanted }, [token, 'Keep it now: it is not shown again.']);
    });
}

function scopeNamed(text: string): Scope {
  const scope = scopes.find((one) => one === text);
  if (scope === undefined)
    throw new Refusal(`A scope is one of ${scopes.join(', ')}; this is not: ${text}`, 2);
  return scope;
}
