import { hashPassword } from '../../../src/operators/credentials/hash-password.js';
import { makeRecoveryCodes } from '../../../src/operators/credentials/recovery-codes.js';
import { beginTotp, confirmTotp } from '../../../src/operators/credentials/totp.js';
import { storePassword } from '../../../src/operators/credentials/store-password.js';
import {
  createInvitedOperator,
  invitationUrl,
  inviteToPublication,
  withdrawInvitation,
} from '../../../src/operators/invitations/invite.js';
import { requestRecovery } from '../../../src/operators/recovery/recover.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import type { Publication } from '../../../src/publications/publication.js';
import { sql } from '../../../src/platform/db/sql.js';
import { totpCode } from '../../support/totp-code.js';
import type { TestApp } from '../../support/test-app.js';
import { LANTERN } from './week.js';
import { linkIn } from './readers.js';

/** Two accounts: with a password alone, and with codes after it. */
export const PASSWORD = 'marrowby ferry whispers';
export const INES = 'ines.okafor@lantern.example';
export const BO = 'bo.lindqvist@lantern.example';

/** Paths below the base path. */
export type AccountPaths = Awaited<ReturnType<typeof seedAccounts>>;

/** Accounts that sign in, and invitations and links in each state. */
export async function seedAccounts(testApp: TestApp) {
  const publication = await findPublicationBySlug(testApp.context.db, LANTERN);
  if (publication === undefined) throw new Error('The demo has no publication');
  await addEditor(testApp, publication, INES);
  const bo = await addEditor(testApp, publication, BO);
  await addPasskeys(testApp, bo);
  await beginTotp({ ...testApp.context, keys: testApp.keys }, bo);
  await switchOn(testApp, bo);
  const over = await invite(testApp, publication, 'late@lantern.example');
  await withdrawInvitation(testApp.context, {
    publicationId: publication.id,
    id: over.id,
    withAdministrators: false,
  });
  await inviteInVain(testApp, publication);
  const tides = await findPublicationBySlug(testApp.context.db, 'tide-table');
  return {
    invitation: (await invite(testApp, publication, 'new.editor@lantern.example')).path,
    invitationOver: over.path,
    invitationKnown: tides === undefined ? '' : (await invite(testApp, tides, INES)).path,
    /** A recovery code that was not used yet; all that are left become new ones. */
    nextCode: async () => (await testApp.context.db.transaction((tx) => makeRecoveryCodes(tx, bo)))[0] ?? '',
    recovery: await recoveryLink(testApp, INES),
    recoveryWithCode: await recoveryLink(testApp, BO),
  };
}

async function addEditor({ context }: TestApp, { id }: Publication, email: string): Promise<string> {
  const grant = { role: 'editor' as const, publicationIds: [id] };
  const made = await createInvitedOperator(context, { email, name: null, grant });
  if (made === undefined) throw new Error(`There is an operator ${email}`);
  const hash = await hashPassword(PASSWORD);
  await context.db.transaction((tx) => storePassword(tx, made.operator.id, hash, context.now()));
  return made.operator.id;
}

async function switchOn({ context, keys }: TestApp, operatorId: string): Promise<void> {
  const withKeys = { ...context, keys };
  const code = await totpCode(withKeys, operatorId);
  await confirmTotp(withKeys, { operatorId, code, keepSid: '' });
}

async function addPasskeys({ context: { db, now } }: TestApp, operatorId: string): Promise<void> {
  await db.run(sql`
    insert into operator_passkeys (operator_id, credential_id, public_key, counter, transports, name, created_at, last_used_at)
    values (${operatorId}, 'one', '\\x00', 0, '{internal}', 'Safari on iOS', ${now()}, ${now()}),
           (${operatorId}, 'two', '\\x00', 0, '{usb}', 'Firefox on Linux', ${now()}, null)
  `);
}

async function invite({ context, url }: TestApp, { id: publicationId }: Publication, email: string) {
  const what = { publicationId, role: 'editor' as const, isAdministrator: false, invitedBy: null };
  const invited = await inviteToPublication(context, { email, ...what });
  if (invited.kind !== 'invited') throw new Error(`${email} is there already`);
  const { invitation } = invited;
  return { id: invitation.id, path: invitationUrl(context, invitation, 'copied').slice(url.length) };
}

/** Its mail comes back: the page of people has its link to copy. */
async function inviteInVain(testApp: TestApp, publication: Publication): Promise<void> {
  const { id } = await invite(testApp, publication, 'former.colleague@lantern.example');
  await testApp.runDueJobs();
  await testApp.context.db.run(sql`
    update notices set state = 'rejected', answer = '550 5.1.1 No such mailbox here' where cause_id = ${id}
  `);
}

async function recoveryLink(testApp: TestApp, email: string): Promise<string> {
  await requestRecovery(testApp.context, email);
  await testApp.runDueJobs();
  return linkIn(testApp, email, 'operator/recovery');
}
