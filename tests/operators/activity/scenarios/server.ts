import { resumeTransport } from '../../../../src/deliveries/control/resume-transport.js';
import { skipHeldMail } from '../../../../src/deliveries/control/after-restore.js';
import { retryFailedRows } from '../../../../src/deliveries/recover/retry-failed-rows.js';
import { createOperator, removeOperator } from '../../../../src/operators/accounts.js';
import { setAdministrator, setRole } from '../../../../src/operators/change-role.js';
import { replaceRecoveryCodes } from '../../../../src/operators/credentials/recovery-codes.js';
import { acceptInvitation } from '../../../../src/operators/invitations/accept.js';
import { inviteToPublication, withdrawInvitation } from '../../../../src/operators/invitations/invite.js';
import { renameOperator } from '../../../../src/operators/rename.js';
import { endOtherSessions } from '../../../../src/operators/sessions/sessions.js';
import { createToken, revokeToken } from '../../../../src/operators/api-token.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { insertFailedRow } from '../../../../src/platform/jobs/failed-rows.js';
import { holdMail } from '../../../../src/platform/restore/installation.js';
import { addHook, removeHook, renewHookSecret } from '../../../../src/events/providers/change-hooks.js';
import type { Context } from '../../../../src/platform/context.js';
import { activateDkimKeys } from '../../../../src/transports/dkim/activate-keys.js';
import { createDkimKeys, rotateDkimKeys } from '../../../../src/transports/dkim/create-keys.js';
import type { Act, Scenario, Scenarios, Stage } from './scenario.js';

const bo = { email: 'bo@tide.example', name: null, grant: { role: 'editor', publicationIds: [] } } as const;
const keys = { domain: 'tide.example', algorithms: ['ed25519-sha256'] } as const;

function invite(publicationId: string) {
  const role = 'editor' as const;
  return { email: 'bo@tide.example', publicationId, role, isAdministrator: false, invitedBy: null };
}

function onAccount(act: (id: string) => Act): Scenario {
  return {
    by: 'operator',
    prepare: async ({ app }) => act((await createOperator(app.context, bo))?.id ?? ''),
  };
}

async function createKeys({ app: { context } }: Stage): Promise<void> {
  await createDkimKeys(context, keys);
}

export const serverScenarios: Scenarios = {
  'operator.created': { by: 'command-line', prepare: async () => (context) => createOperator(context, bo) },
  'operator.removed': {
    by: 'command-line',
    prepare: async ({ app }) => {
      const operator = await createOperator(app.context, bo);
      return (context) => removeOperator(context, operator?.id ?? '');
    },
  },
  'operator.renamed': onAccount((id) => (context) => renameOperator(context, id, 'Bo of bo@tide.example')),
  'operator.role-changed': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id: publicationId } = await app.createPublication();
      const operator = await createOperator(app.context, bo);
      const place = { operatorId: operator?.id ?? '', publicationId, role: 'owner' } as const;
      return (context) => setRole(context, place);
    },
  },
  'operator.administrator-changed': onAccount((id) => (context) => setAdministrator(context, id, true)),
  'operator.credentials-changed': onAccount(
    (operatorId) => (context) => replaceRecoveryCodes(context, { operatorId, keepSid: 'secret' }),
  ),
  'operator.sessions-ended': {
    by: 'operator',
    prepare: async ({ app: { context } }) => {
      const operatorId = (await createOperator(context, bo))?.id ?? '';
      await context.db.run(sql`
        insert into operator_sessions (sid, sess, expire, operator_id, signed_in_at, fresh_at, last_seen_at)
        values ('secret', '{}', ${context.now()}::timestamptz + interval '1 day', ${operatorId},
                ${context.now()}, ${context.now()}, ${context.now()})
      `);
      return (acting) => endOtherSessions(acting, operatorId, 'another');
    },
  },
  'invitation.created': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      return (context) => inviteToPublication(context, invite(id));
    },
  },
  'invitation.withdrawn': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      const invited = await inviteToPublication(app.context, invite(id));
      if (invited.kind !== 'invited') throw new Error('Nobody was invited');
      return (context) =>
        withdrawInvitation(context, {
          publicationId: id,
          id: invited.invitation.id,
          withAdministrators: false,
        });
    },
  },
  'invitation.accepted': {
    by: 'operator',
    byOwnAccount: true,
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      const invited = await inviteToPublication(app.context, invite(id));
      if (invited.kind !== 'invited') throw new Error('Nobody was invited');
      const link = { invitation: invited.invitation, isMailed: true };
      return (context) => acceptInvitation(context, link, { kind: 'new', name: null, store: async () => {} });
    },
  },
  'token.created': {
    by: 'command-line',
    prepare: async () => (context) => createToken(context, { name: 'bo@tide.example', scopes: ['read'] }),
  },
  'token.revoked': {
    by: 'command-line',
    prepare: async ({ app }) => {
      const { id } = await createToken(app.context, { name: 'Sync', scopes: ['read'] });
      return (context) => revokeToken(context, id);
    },
  },
  'circuit.resumed': {
    by: 'operator',
    prepare: async ({ app: { context } }) => {
      await context.db.run(
        sql`insert into transports (name) values ('mx.example:25') on conflict do nothing`,
      );
      const { id } = await context.db.one<{ id: string }>(sql`
        insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at)
        select id, 'tide.example', 'refused', '550 <ada@tide.example> refused', 9, 9, ${context.now()}
          from transports where name = 'mx.example:25'
        returning id
      `);
      return (acting) => resumeTransport(acting, id);
    },
  },
  'failed-rows.retried': {
    by: 'command-line',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      const { db, now } = app.context;
      const row = { kind: 'publication', rowId: id, publicationId: id, code: 'TypeError' } as const;
      await insertFailedRow(db, 'plan-due', row, now());
      return (context) => retryFailedRows(context, id);
    },
  },
  'restore.decided': {
    by: 'command-line',
    prepare: async ({ app: { context } }) => {
      await context.db.run(sql`insert into installation default values`);
      await holdMail(context.db, { reason: 'said', survivedCounter: 1 }, context.now());
      return (acting) => skipHeldMail(acting);
    },
  },
  'hook.added': {
    by: 'command-line',
    prepare: async () => (context) => addHook(context, { provider: 'postmark' }),
  },
  'hook.secret-renewed': {
    by: 'command-line',
    prepare: async ({ app }) => {
      const id = await addPostmarkHook(app.context);
      return (context) => renewHookSecret(context, id);
    },
  },
  'hook.removed': {
    by: 'command-line',
    prepare: async ({ app }) => {
      const id = await addPostmarkHook(app.context);
      return (context) => removeHook(context, id);
    },
  },
  'dkim-key.created': { by: 'command-line', prepare: async () => (context) => createDkimKeys(context, keys) },
  'dkim-key.activated': {
    by: 'command-line',
    prepare: async (stage) => {
      await createKeys(stage);
      return (context) => activateDkimKeys(context, keys.domain, undefined);
    },
  },
  'dkim-key.retired': {
    by: 'command-line',
    prepare: async (stage) => {
      await createKeys(stage);
      const { context } = stage.app;
      await activateDkimKeys(context, keys.domain, undefined);
      await rotateDkimKeys(context, keys);
      return (acting) => activateDkimKeys(acting, keys.domain, undefined);
    },
  },
};

async function addPostmarkHook(context: Context): Promise<string> {
  const added = await addHook(context, { provider: 'postmark' });
  return added.kind === 'added' ? added.id : '';
}
