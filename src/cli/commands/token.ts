import type { Command } from 'commander';
import type { ReadConfig } from '../read-config.js';
import { createToken, revokeToken, scopes, tokenNameSchema, type Scope } from '../../operators/api-token.js';
import { listTokens, type ListedToken } from '../../operators/reads.js';
import { listLines, print } from '../output.js';
import { parseId } from '../parse-id.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';

/** `token create|list|revoke`. */
export function tokenCommands(paperround: Command, config: ReadConfig): void {
  const token = paperround.command('token').description('keys for programs');

  token
    .command('list')
    .description('all tokens, without their secrets')
    .option('--json', 'answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const tokens = await withContext(config(), ({ db }) => listTokens(db));
      const headings = ['Id', 'Name', 'Scopes', 'Used'];
      print(options, tokens, listLines(headings, tokens.map(tokenRow), 'There is no token yet.'));
    });

  token
    .command('revoke')
    .description('take a token back; it opens nothing from now on')
    .argument('<id>', 'its id as token list shows it')
    .option('--json', 'answer as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const tokenId = parseId(id, { what: 'a token', list: 'token list' });
      const revoked = await withContext(config(), (context) => revokeToken(context, tokenId));
      if (!revoked)
        throw new CliError('There is no such token, or it was revoked before. Nothing was changed.');
      print(options, { id: tokenId, revoked: true }, ['Revoked.']);
    });

  token
    .command('create')
    .description('make an API token; it is shown this once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scope...>', scopes.join(', '))
    .option('--json', 'answer as JSON')
    .action(async ({ name, scope, ...options }: { name: string; scope: string[]; json?: boolean }) => {
      const named = tokenNameSchema.safeParse(name);
      if (!named.success) throw new CliError(`--name ${named.error.issues[0]?.message}.`, 2);
      const wanted = [...new Set(scope)].map(parseScope);
      const { id, token } = await withContext(config(), (context) =>
        createToken(context, { name: named.data, scopes: wanted }),
      );
      print(options, { token, id, name, scopes: wanted }, [token, 'Keep it now: it is not shown again.']);
    });
}

function tokenRow({ id, name, scopes: allowed, lastUsedAt, revokedAt }: ListedToken): string[] {
  const used = lastUsedAt === null ? 'never used' : `used ${lastUsedAt.toISOString()}`;
  return [id, name, allowed.join(' '), revokedAt === null ? used : `revoked ${revokedAt.toISOString()}`];
}

function parseScope(text: string): Scope {
  const scope = scopes.find((one) => one === text);
  if (scope === undefined)
    throw new CliError(`A scope is one of ${scopes.join(', ')}; this is not: ${text}`, 2);
  return scope;
}
