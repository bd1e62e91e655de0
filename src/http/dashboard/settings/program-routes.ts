import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import {
  createToken,
  revokeToken,
  scopes,
  tokenNameSchema,
  type Scope,
} from '../../../operators/api-token.js';
import { mayAdminister } from '../../../operators/permissions.js';
import { listTokensOf } from '../../../operators/reads.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';

type ProgramContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>;

const tokenForm = z.object({
  name: z.string().max(1000).catch(''),
  scope: z.union([z.array(z.enum(scopes)), z.enum(scopes).transform((one) => [one])]).catch([]),
  reach: z.enum(['here', 'server']).catch('here'),
});
type TypedToken = z.infer<typeof tokenForm>;

const FLASHES = { revoked: 'The token opens nothing any more.' };

/** API tokens of a newsletter. For its owners; administrators also give some for the whole server. */
export function programRoutes(context: ProgramContext): Router {
  const router = express.Router();

  router.get('/', (req, res) =>
    sendProgramsPage(context, res, { flash: findFlash(FLASHES, req.query['done']) }),
  );

  router.post('/', async (req, res) => {
    await readForm(req, res);
    return create(context, res, tokenForm.parse(req.body ?? {}));
  });

  router.post('/:id/revoke', async (req, res) => {
    const id = z.uuid().safeParse(req.params.id);
    const { publication, operator } = publicationDeskOf(res);
    const place = { publicationId: publication.id, withUnbound: mayAdminister(operator) };
    const isDone = id.success && (await revokeToken(asOperator(context, res), id.data, place));
    if (!isDone) return sendNotFound(context, req, res);
    return res.redirect(303, `${deskPath(publication)}/settings/programs?done=revoked`);
  });

  return router;
}

/** The token is on the page that answers, and never again. */
async function create(context: ProgramContext, res: Response, typed: TypedToken): Promise<void> {
  const { publication, operator } = publicationDeskOf(res);
  const name = tokenNameSchema.safeParse(typed.name);
  const mistakes = {
    name: name.success ? null : `Say what it is for: the name ${name.error.issues[0]?.message ?? ''}.`,
    scope: typed.scope.length > 0 ? null : 'Choose at least one thing that it may do.',
  };
  const isForServer = typed.reach === 'server' && mayAdminister(operator);
  if (!name.success || mistakes.scope !== null)
    return sendProgramsPage(context, res.status(422), { typed, mistakes });
  const { token } = await createToken(asOperator(context, res), {
    name: name.data,
    scopes: [...new Set<Scope>(typed.scope)],
    operatorId: operator?.id ?? null,
    publicationId: isForServer ? null : publication.id,
  });
  return sendProgramsPage(context, res, { created: { token, name: name.data } });
}

async function sendProgramsPage(
  context: ProgramContext,
  res: Response,
  shown: {
    typed?: TypedToken;
    mistakes?: { name: string | null; scope: string | null };
    created?: { token: string; name: string };
    flash?: string | null;
  },
): Promise<void> {
  const { publication, operator } = publicationDeskOf(res);
  const isAdministrator = mayAdminister(operator);
  const tokens = await listTokensOf(context.db, publication.id, { withUnbound: isAdministrator });
  const { typed } = shown;
  return sendDeskPage(context, res, 'dashboard-settings-programs', {
    tokens: tokens.map(({ id, name, scopes: may, publicationId, maker, lastUsedAt, createdAt }) => ({
      id,
      name,
      may,
      maker,
      lastUsedAt,
      createdAt,
      isForServer: publicationId === null,
    })),
    choices: scopes.map((scope) => ({
      scope,
      what: WHAT[scope],
      isChosen: typed === undefined ? scope === 'read' : typed.scope.includes(scope),
    })),
    apiUrl: `${context.publicUrl}/api/v1`,
    name: typed?.name ?? '',
    isForServer: typed?.reach === 'server',
    isAdministrator,
    mistakes: shown.mistakes ?? { name: null, scope: null },
    created: shown.created ?? null,
    flash: shown.flash ?? null,
  });
}

const WHAT: Readonly<Record<Scope, string>> = {
  read: 'Look: articles, digests, readers and settings',
  write: 'Change: push articles, add readers, change settings',
  send: 'Send: let digests go, order one, pause and cancel',
};
