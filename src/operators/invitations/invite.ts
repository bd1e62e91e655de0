import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { withAsciiDomain } from '../../platform/mail/address.js';
import { addOperator, toEmailKey } from '../accounts.js';
import { recordActivity } from '../activity/record-activity.js';
import type { Grant, NewOperator, Operator, Role } from '../operator.js';
import { findOperatorByEmailKey, findOperatorRole } from '../reads.js';
import { INVITATION_LIFETIME_MS, invitedRole, type Invitation, type InvitationPlace } from './invitation.js';
import { findOpenInvitation } from './reads.js';
import { insertInvitation, markInvitationWithdrawn, withdrawEarlierInvitations } from './writes.js';

type InviteContext = Pick<Context, 'db' | 'now' | 'actor' | 'links' | 'publicUrl'>;

/** Whether a link came by mail: whoever follows it has the address. */
const [COPIED, MAILED] = [0, 1];
const PURPOSE = 'operator-invitation';

/**
 * The command line gives a person an account, and an invitation to choose what she signs in with. Undefined when the address
 * has an account.
 */
export function createInvitedOperator(
  context: InviteContext,
  { grant, ...account }: NewOperator & { grant: Grant },
): Promise<{ operator: Operator; url: string } | undefined> {
  return context.db.transaction(async (tx) => {
    const operator = await addOperator(tx, context, account, grant);
    if (operator === undefined) return undefined;
    const { id: operatorId, email, emailKey, name, isAdministrator } = operator;
    const whom = { email, emailKey, name, operatorId, isAdministrator };
    const what = { publicationId: null, role: null, invitedBy: null };
    const invitation = await addInvitation(tx, context, { ...whom, ...what });
    return { operator, url: invitationUrl(context, invitation, 'copied') };
  });
}

export type Invited = { kind: 'invited'; invitation: Invitation } | { kind: 'here-already' };

/**
 * Invites an address to a publication, by mail. What comes back does not say whether it has an account elsewhere on this server.
 * An earlier invitation of the address to it stops working.
 */
export function inviteToPublication(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  what: {
    email: string;
    publicationId: string;
    role: Role;
    isAdministrator: boolean;
    invitedBy: string | null;
  },
): Promise<Invited> {
  const email = withAsciiDomain(what.email);
  const row = { ...what, email, emailKey: toEmailKey(email), name: null, operatorId: null };
  return context.db.transaction((tx) => mailInvitation(tx, context, row));
}

/**
 * The same once more, for an invitation that nobody has accepted: another link, for another three days, in place of the earlier.
 * @returns `unknown`: it was accepted or withdrawn, or is of another publication
 */
export function inviteAgain(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { invitedBy, ...place }: InvitationPlace & { invitedBy: string | null },
): Promise<Invited | { kind: 'unknown' }> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const earlier = await markInvitationWithdrawn(tx, place, now());
    if (earlier === undefined) return { kind: 'unknown' };
    return mailInvitation(tx, context, { ...earlier, publicationId: place.publicationId, invitedBy });
  });
}

type NewInvitation = Omit<Invitation, 'id' | 'createdAt' | 'expiresAt'>;

async function mailInvitation(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  row: NewInvitation & { publicationId: string },
): Promise<Invited> {
  if (await isThereAlready(tx, row)) return { kind: 'here-already' };
  const invitation = await addInvitation(tx, context, row);
  await enqueue(tx, 'mail-invitation', { invitationId: invitation.id }, context.now());
  return { kind: 'invited', invitation };
}

async function isThereAlready(
  tx: Tx,
  {
    emailKey,
    publicationId,
    isAdministrator,
  }: { emailKey: string; publicationId: string; isAdministrator: boolean },
): Promise<boolean> {
  const operator = await findOperatorByEmailKey(tx, emailKey);
  if (operator === undefined) return false;
  if (operator.isAdministrator) return true;
  return !isAdministrator && (await findOperatorRole(tx, operator.id, publicationId)) !== undefined;
}

async function addInvitation(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  row: NewInvitation,
): Promise<Invitation> {
  const createdAt = context.now();
  await withdrawEarlierInvitations(tx, row, createdAt);
  const expiresAt = new Date(createdAt.getTime() + INVITATION_LIFETIME_MS);
  const invitation = await insertInvitation(tx, { ...row, createdAt, expiresAt });
  const { id: subjectId, publicationId } = invitation;
  const after = { role: invitedRole(invitation) };
  await recordActivity(tx, context, { kind: 'invitation.created', publicationId, subjectId, after });
  return invitation;
}

/** False: it was accepted or withdrawn before, or is of another publication. */
export function withdrawInvitation(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  place: InvitationPlace,
): Promise<boolean> {
  return context.db.transaction(async (tx) => {
    if ((await markInvitationWithdrawn(tx, place, context.now())) === undefined) return false;
    const { publicationId, id: subjectId } = place;
    await recordActivity(tx, context, { kind: 'invitation.withdrawn', publicationId, subjectId });
    return true;
  });
}

/** Its link, which is signed and not stored. */
export function invitationUrl(
  { links, publicUrl }: Pick<Context, 'links' | 'publicUrl'>,
  { id, expiresAt }: Pick<Invitation, 'id' | 'expiresAt'>,
  way: 'copied' | 'mailed',
): string {
  const number = way === 'mailed' ? MAILED : COPIED;
  return `${publicUrl}/operator/invitation/${links.sign(PURPOSE, { scope: id, subject: id, number, expiresAt })}`;
}

/** Undefined: the link is not ours, or its invitation was accepted or withdrawn, or has expired. */
export async function openInvitation(
  { db, links, now }: Pick<Context, 'db' | 'links' | 'now'>,
  token: string,
): Promise<{ invitation: Invitation; isMailed: boolean } | undefined> {
  const claims = links.verify(PURPOSE, token, now());
  if (claims.kind !== 'valid') return undefined;
  const invitation = await findOpenInvitation(db, claims.subject, now());
  return invitation && { invitation, isMailed: claims.number === MAILED };
}
