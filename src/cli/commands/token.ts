import type { Command } from 'commander';
import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import { choosePublication } from '../choose-publication.js';
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
      const tokens = await withContext(config(), ({ db }) => listWithSlugs(db));
      const headings = ['Id', 'Name', 'Scopes', 'For', 'Made by', 'Used'];
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
    .option('--publication <slug>', 'the only one that it reaches; without it the whole server')
    .option('--json', 'answer as JSON')
    .action((options: CreateOptions) => create(config, options));
}

type CreateOptions = { name: string; scope: string[]; publication?: string; json?: boolean };

async function create(
  config: ReadConfig,
  { name, scope, publication: slug, ...options }: CreateOptions,
): Promise<void> {
  const named = tokenNameSchema.safeParse(name);
  if (!named.success) throw new CliError(`--name ${named.error.issues[0]?.message}.`, 2);
  const wanted = [...new Set(scope)].map(parseScope);
  await withContext(config(), async (context) => {
    const publicationId = slug === undefined ? null : (await choosePublication(context, slug)).id;
    const { id, token } = await createToken(context, { name: named.data, scopes: wanted, publicationId });
    const shown = { token, id, name, scopes: wanted, publication: slug ?? null };
    print(options, shown, [token, 'Keep it now: it is not shown again.']);
  });
}

type ShownToken = ListedToken & { publication: string | null };

async function listWithSlugs(db: Context['db']): Promise<ShownToken[]> {
  const tokens = await listTokens(db);
  return Promise.all(
    tokens.map(async (token) => {
      const { publicationId } = token;
      const publication = publicationId === null ? undefined : await findPublication(db, publicationId);
      return { ...token, publication: publication?.slug ?? null };
    }),
  );
}

function tokenRow({ id, name, scopes: allowed, lastUsedAt, revokedAt, ...token }: ShownToken): string[] {
  const used = lastUsedAt === null ? 'never used' : `used ${lastUsedAt.toISOString()}`;
  const state = revokedAt === null ? used : `revoked ${revokedAt.toISOString()}`;
  const reach = token.publication ?? 'the whole server';
  return [id, name, allowed.join(' '), reach, token.maker ?? 'the command line', state];
}

function parseScope(text: string): Scope {
  const scope = scopes.find((one) => one === text);
  if (scope === undefined)
    throw new CliError(`A scope is one of ${scopes.join(', ')}; this is not: ${text}`, 2);
  return scope;
}
