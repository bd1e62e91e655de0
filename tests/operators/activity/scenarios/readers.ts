import { Readable } from 'node:stream';
import {
  beginAddressChange,
  completeAddressChange,
  revertAddressChange,
} from '../../../../src/deliveries/self-service/address-change.js';
import type { Context } from '../../../../src/platform/context.js';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { parseStoredAddress } from '../../../../src/subscribers/address-change/move.js';
import { setAttackMode } from '../../../../src/subscribers/attack/set-attack-mode.js';
import { detectAttacks } from '../../../../src/subscribers/attack/detect-attacks.js';
import { confirmSubscription } from '../../../../src/subscribers/confirm/confirm.js';
import { pressTrap } from '../../../../src/subscribers/confirm/take-back.js';
import { createVisit } from '../../../../src/subscribers/confirm/visit.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { addImport } from '../../../../src/subscribers/import/prepare-import.js';
import { startMailing, stopMailing } from '../../../../src/subscribers/import/start-mailing.js';
import { undoImport } from '../../../../src/subscribers/import/undo-import.js';
import { workOnImport } from '../../../../src/subscribers/import/work-on-import.js';
import { bringReaders, prepareImport } from '../../../support/imports.js';
import { undoUnsubscribe } from '../../../../src/subscribers/leave/restore-subscription.js';
import { undoBlock } from '../../../../src/subscribers/leave/undo-block.js';
import { unsubscribe } from '../../../../src/subscribers/leave/unsubscribe.js';
import { exportReaders } from '../../../../src/subscribers/list/export-readers.js';
import { changeChoices } from '../../../../src/subscribers/preferences/change-choices.js';
import { pauseSubscription, resumeExpiredPauses } from '../../../../src/subscribers/preferences/pause.js';
import { deleteHeldSignUps, releaseHeldSignUps } from '../../../../src/subscribers/sign-up/held.js';
import type { Subscription } from '../../../../src/subscribers/subscription.js';
import { blockAddress } from '../../../../src/subscribers/suppression/block-address.js';
import { addFile, readFile, startFile } from '../../../../src/subscribers/suppression/add-file.js';
import { exportSuppressions } from '../../../../src/subscribers/suppression/export-suppressions.js';
import { liftAsOperator, suppressAddress } from '../../../../src/subscribers/suppression/operator-changes.js';
import { HOUR_MS } from '../../../../src/platform/durations.js';
import { addReader, type ReaderSettings } from '../../../support/fixtures.js';
import { recordSignUp } from '../../../support/sign-up-requests.js';
import type { Act, Scenario, Scenarios, Stage } from './scenario.js';

const ADDRESS = 'ada@example.com';
const OTHER_ADDRESS = 'ada@elsewhere.example';

/** What a reader does, after she has done something else. */
function onReader(
  by: Scenario['by'],
  act: (reader: Subscription, publication: Publication) => Act,
  before: (context: Context, reader: Subscription) => Promise<unknown> = async () => {},
  settings: ReaderSettings = {},
): Scenario {
  return {
    by,
    prepare: async ({ app }) => {
      const publication = await app.createPublication();
      const reader = await addReader(app, publication, ADDRESS, settings);
      await before(app.context, reader);
      return act(reader, publication);
    },
  };
}

/** An address change that waits for the new address, and whoever has a subscription there. */
async function askForMove({ app }: Stage, other?: ReaderSettings) {
  const publication = await app.createPublication();
  const reader = await addReader(app, publication, ADDRESS);
  if (other !== undefined) await addReader(app, publication, OTHER_ADDRESS, other);
  const asked = await beginAddressChange(app.context, reader, parseStoredAddress(OTHER_ADDRESS));
  if (asked.kind !== 'requested') throw new Error(`The change was not recorded: ${asked.kind}`);
  return asked.changeId;
}

async function holdSignUp({ app }: Stage): Promise<{ id: string; publicationId: string }> {
  const { id: publicationId } = await app.createPublication();
  const { id } = await recordSignUp(app, publicationId, ADDRESS);
  await app.context.db.run(sql`update sign_up_requests set outcome = 'held', reasons = '{disposable}'`);
  return { id, publicationId };
}

const everywhere = { emailKey: ADDRESS, publicationId: null, note: `${ADDRESS} asked by telephone` };

export const readerScenarios: Scenarios = {
  'subscription.confirmed': onReader(
    'reader',
    ({ id, generation }, publication) =>
      (context) =>
        confirmSubscription(context, { subscriptionId: id, generation, publication, wording: 'Yes.' }),
    undefined,
    { status: 'pending' },
  ),
  'subscription.confirmation-taken-back': {
    by: 'reader',
    prepare: async ({ app }) => {
      const publication = await app.createPublication();
      const { id, generation } = await addReader(app, publication, ADDRESS, { status: 'pending' });
      const visit = createVisit();
      const press = { subscriptionId: id, generation, publication, wording: 'Yes.', visit };
      await confirmSubscription(app.context, press);
      return (context) => pressTrap(context, { subscriptionId: id, visit });
    },
  },
  'subscription.changed': onReader(
    'reader',
    ({ id }) =>
      (context) =>
        changeChoices(context, id, { cadence: 'weekly', topics: ['Harbour'] }),
  ),
  'subscription.paused': onReader(
    'reader',
    ({ id }) =>
      (context) =>
        pauseSubscription(context, id, { until: new Date('2026-12-24T00:00:00Z'), catchUp: true }),
  ),
  'subscription.resumed': {
    ...onReader(
      'system',
      () => (context) => resumeExpiredPauses(context),
      (context, { id }) => pauseSubscription(context, id, { until: context.now(), catchUp: false }),
    ),
    notedIn: ['failed_rows'],
  },
  'subscription.unsubscribed': onReader(
    'token',
    ({ id }) =>
      (context) =>
        unsubscribe(context, id),
  ),
  'subscription.restored': onReader(
    'reader',
    ({ id }) =>
      (context) =>
        undoUnsubscribe(context, id),
    (context, { id }) => unsubscribe(context, id),
  ),
  'subscription.blocked': onReader(
    'reader',
    ({ id }) =>
      (context) =>
        blockAddress(context, id),
  ),
  'subscription.unblocked': onReader(
    'reader',
    ({ id }) =>
      (context) =>
        undoBlock(context, id),
    (context, { id }) => blockAddress(context, id),
  ),
  'subscription.address-changed': {
    by: 'reader',
    prepare: async (stage) => {
      const changeId = await askForMove(stage);
      return (context) => completeAddressChange(context, changeId);
    },
  },
  'subscription.address-returned': {
    by: 'reader',
    prepare: async (stage) => {
      const changeId = await askForMove(stage);
      await completeAddressChange(stage.app.context, changeId);
      return (context) => revertAddressChange(context, changeId);
    },
  },
  'subscription.replaced': {
    by: 'reader',
    prepare: async (stage) => {
      const changeId = await askForMove(stage, { status: 'pending' });
      return (context) => completeAddressChange(context, changeId);
    },
  },
  'subscription.erased': onReader(
    'operator',
    ({ id }) =>
      (context) =>
        eraseSubscription(context, id),
  ),
  'suppression.added': onReader('command-line', () => (context) => suppressAddress(context, everywhere)),
  'suppression.lifted': onReader(
    'operator',
    () => (context) => liftAsOperator(context, everywhere),
    (context) => suppressAddress(context, everywhere),
  ),
  'suppression.file-added': {
    by: 'operator',
    // Each address of a file is added by itself, with a row that says so: the file is recorded when all of it is.
    notedIn: [
      ...['suppressions', 'suppression_changes', 'suppression_files', 'suppression_file_rows'],
      ...['count_changes', 'outbox'],
    ],
    prepare: async ({ app }) => {
      const { id: publicationId } = await app.createPublication();
      return async (context) => {
        const lines = Readable.from([Buffer.from('ada@example.com\n')]);
        const { id } = await readFile(context, { publicationId, note: 'old list' }, lines);
        await startFile(context, id);
        await addFile({ ...context, stopping: new AbortController().signal }, id);
      };
    },
  },
  'import.added': {
    by: 'operator',
    // Each of its steps is a transaction; the import is recorded when all of it is added.
    notedIn: ['imports', 'import_files', 'import_file_parts', 'import_rows', 'outbox'],
    prepare: async ({ app }) => {
      const publication = await app.createPublication();
      const { id } = await prepareImport(app, publication, 'email\nada@example.com\n');
      return async (context) => {
        await addImport(context, id);
        await workOnImport({ ...context, stopping: new AbortController().signal }, id);
      };
    },
  },
  'import.started': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await bringReaders(app, await app.createPublication(), 'email\nada@example.com\n');
      return (context) => startMailing(context, id, { startAt: context.now(), startsPerDay: 500 });
    },
  },
  'import.stopped': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await bringReaders(app, await app.createPublication(), 'email\nada@example.com\n');
      await startMailing(app.context, id, { startAt: app.context.now(), startsPerDay: 500 });
      return (context) => stopMailing(context, id);
    },
  },
  'import.undone': {
    by: 'operator',
    notedIn: ['imports', 'outbox'],
    prepare: async ({ app }) => {
      const { id } = await bringReaders(app, await app.createPublication(), 'email\nada@example.com\n');
      return async (context) => {
        await undoImport(context, id);
        await workOnImport({ ...context, stopping: new AbortController().signal }, id);
      };
    },
  },
  'suppression.exported': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id: publicationId } = await app.createPublication();
      return async (context) => {
        const lines: string[] = [];
        for await (const piece of exportSuppressions(context, publicationId)) lines.push(piece);
      };
    },
  },
  'subscription.exported': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id: publicationId } = await app.createPublication();
      return async (context) => {
        const lines: string[] = [];
        for await (const piece of exportReaders(context, { publicationId, filter: {} })) lines.push(piece);
      };
    },
  },
  'sign-up-hold.released': {
    by: 'operator',
    prepare: async (stage) => {
      const { id } = await holdSignUp(stage);
      return (context) => releaseHeldSignUps(context, { id });
    },
  },
  'sign-up-hold.deleted': {
    by: 'operator',
    prepare: async (stage) => {
      const { publicationId } = await holdSignUp(stage);
      return (context) => deleteHeldSignUps(context, { publicationId, reason: 'disposable' });
    },
  },
  'attack.started': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      return (context) => setAttackMode(context, id, true);
    },
  },
  'attack.changed': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      await beginFlood(app.context, id);
      return (context) => setAttackMode(context, id, true);
    },
  },
  'attack.ended': {
    by: 'operator',
    bySystem: true,
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      await beginFlood(app.context, id);
      app.advanceClock(HOUR_MS);
      return (context) => detectAttacks(context);
    },
  },
};

async function beginFlood({ db, now }: Context, publicationId: string): Promise<void> {
  await db.run(sql`
    insert into attacks (publication_id, cause, began_at, seen_at, forms, refused, usual)
    values (${publicationId}, 'flood', ${now()}, ${now()}, 900, 0, 3)
  `);
}
