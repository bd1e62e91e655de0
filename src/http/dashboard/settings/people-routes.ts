import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import {
  changeRole,
  removeFromPublication,
  setAdministrator,
  type RoleChanged,
} from '../../../operators/change-role.js';
import {
  inviteAgain,
  inviteToPublication,
  withdrawInvitation,
} from '../../../operators/invitations/invite.js';
import type { InvitationPlace } from '../../../operators/invitations/invitation.js';
import { describeLastRight, isLastRight } from '../../../operators/last-right.js';
import { operatorEmailSchema, roles } from '../../../operators/operator.js';
import { mayAdminister } from '../../../operators/permissions.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import { sendPeoplePage, type PeopleContext, type TypedInvitation } from './people-page.js';

const FLASHES: Readonly<Record<string, string>> = {
  invited: 'The invitation is on its way. It works once, within three days.',
  again: 'Another invitation is on its way, for three days. The earlier link works no more.',
  withdrawn: 'The invitation works no more.',
  changed: 'Changed. Whoever it is signs in again, and tokens of theirs may do no more than they may.',
  same: 'That was so already. Nothing was changed.',
  removed: 'Removed. Their browsers and their tokens are let in no more.',
};

const inviteForm = z.object({
  email: z.string().max(500).catch(''),
  role: z.enum([...roles, 'administrator']).catch('editor'),
});
const roleForm = z.object({ role: z.enum(roles) });
const administratorForm = z.object({ administrator: z.enum(['on', 'off']) });

/** Who runs a newsletter: inviting, roles, and taking them away. For its owners. */
export function peopleRoutes(context: PeopleContext): Router {
  const router = express.Router();

  router.get('/', (req, res) =>
    sendPeoplePage(context, res, { flash: findFlash(FLASHES, req.query['done']) }),
  );

  router.post('/', async (req, res) => {
    await readForm(req, res);
    return invite(context, res, inviteForm.parse(req.body ?? {}));
  });

  router.post('/invitations/:id/again', async (req, res) => {
    const place = placeOf(req, res);
    const invitedBy = publicationDeskOf(res).operator?.id ?? null;
    const invited = place && (await inviteAgain(asOperator(context, res), { ...place, invitedBy }));
    if (invited === undefined || invited.kind === 'unknown') return sendNotFound(context, req, res);
    if (invited.kind === 'invited') return leadBack(res, 'again');
    return sendPeoplePage(context, res.status(409), { mistake: HERE_ALREADY });
  });

  router.post('/invitations/:id/withdraw', async (req, res) => {
    const place = placeOf(req, res);
    const isDone = place !== undefined && (await withdrawInvitation(asOperator(context, res), place));
    return isDone ? leadBack(res, 'withdrawn') : sendNotFound(context, req, res);
  });

  router.post('/:id/role', async (req, res) => {
    await readForm(req, res);
    const form = roleForm.safeParse(req.body);
    const operatorId = await findOther(context, req, res);
    if (operatorId === undefined) return;
    if (!form.success) return sendNotFound(context, req, res);
    const { publication } = publicationDeskOf(res);
    const place = { operatorId, publicationId: publication.id, role: form.data.role };
    return answer(context, req, res, await changeRole(asOperator(context, res), place));
  });

  router.post('/:id/remove', async (req, res) => {
    const operatorId = await findOther(context, req, res);
    if (operatorId === undefined) return;
    const { publication } = publicationDeskOf(res);
    const place = { operatorId, publicationId: publication.id };
    return answer(context, req, res, await removeFromPublication(asOperator(context, res), place));
  });

  router.post('/:id/administrator', async (req, res) => {
    await readForm(req, res);
    const form = administratorForm.safeParse(req.body);
    const operatorId = await findOther(context, req, res);
    if (operatorId === undefined) return;
    if (!form.success) return sendNotFound(context, req, res);
    const isOn = form.data.administrator === 'on';
    return answer(context, req, res, await setAdministrator(asOperator(context, res), operatorId, isOn));
  });

  return router;
}

async function invite(context: PeopleContext, res: Response, typed: TypedInvitation): Promise<void> {
  const { publication, operator } = publicationDeskOf(res);
  const email = typed.email.trim();
  const isAdministrator = typed.role === 'administrator';
  if (!operatorEmailSchema.safeParse(email).success)
    return sendPeoplePage(context, res.status(422), { typed, mistake: NO_ADDRESS, isAddressWrong: true });
  if (isAdministrator && !mayAdminister(operator))
    return sendPeoplePage(context, res.status(403), { typed, mistake: NOT_HERS_TO_GIVE });
  const invited = await inviteToPublication(asOperator(context, res), {
    email,
    publicationId: publication.id,
    role: typed.role === 'administrator' ? 'owner' : typed.role,
    isAdministrator,
    invitedBy: operator?.id ?? null,
  });
  if (invited.kind === 'here-already')
    return sendPeoplePage(context, res.status(409), { typed, mistake: HERE_ALREADY });
  return leadBack(res, 'invited');
}

const NO_ADDRESS = 'Nobody was invited: type an address, like name@example.com.';
const NOT_HERS_TO_GIVE = 'Nobody was invited: only an administrator may invite administrators.';
const HERE_ALREADY = 'Nobody was invited: this address has a role here already. Change it below.';
const YOURSELF =
  'Nothing was changed: nobody changes or removes themselves, so that a newsletter is never without an owner by mistake. Ask another owner.';

/** The account that a path names, unless it is her own; undefined: the request is answered. */
async function findOther(
  context: PeopleContext,
  req: Request<{ id: string }>,
  res: Response,
): Promise<string | undefined> {
  const id = z.uuid().safeParse(req.params.id);
  if (!id.success) sendNotFound(context, req, res);
  else if (id.data === publicationDeskOf(res).operator?.id)
    await sendPeoplePage(context, res.status(409), { mistake: YOURSELF });
  else return id.data;
  return undefined;
}

/** An invitation that a path names. */
function placeOf(req: Request<{ id: string }>, res: Response): InvitationPlace | undefined {
  const id = z.uuid().safeParse(req.params.id);
  const { publication, operator } = publicationDeskOf(res);
  if (!id.success) return undefined;
  return { publicationId: publication.id, id: id.data, withAdministrators: mayAdminister(operator) };
}

/** What became of somebody's rights. */
async function answer(
  context: PeopleContext,
  req: Request<{ id: string }>,
  res: Response,
  { kind }: { kind: RoleChanged['kind'] | 'removed' },
): Promise<void> {
  if (kind === 'unknown') return sendNotFound(context, req, res);
  if (!isLastRight(kind)) return leadBack(res, kind);
  const mistake = `Nothing was changed. ${describeLastRight(kind)}`;
  return sendPeoplePage(context, res.status(409), { mistake });
}

function leadBack(res: Response, done: string): void {
  res.redirect(303, `${deskPath(publicationDeskOf(res).publication)}/settings/people?done=${done}`);
}
