import { planDue } from '../../../../src/deliveries/plan/plan-digests.js';
import { changeDraft } from '../../../../src/digests/drafts/change-draft.js';
import {
  approveDraft,
  discardDraft,
  moveDraft,
  takeDraftBack,
} from '../../../../src/digests/drafts/control-draft.js';
import type { Draft } from '../../../../src/digests/drafts/draft.js';
import { writeDraft } from '../../../../src/digests/drafts/write-draft.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import { addArticles, addReader } from '../../../support/fixtures.js';
import type { Act, Scenario, Scenarios, Stage } from './scenario.js';

const NEXT_DAILY = { cadence: 'daily', period: null, closesAt: null } as const;

async function write({ app }: Stage): Promise<Draft> {
  const { id } = await app.createPublication({ defaultCadence: 'daily' });
  return (await writeDraft(app.context, id, NEXT_DAILY, { note: 'Dear readers,' })).draft;
}

function onDraft(act: (draft: Draft) => Act, isApproved = false): Scenario {
  const prepare = async (stage: Stage) => {
    const draft = await write(stage);
    if (isApproved) await approveDraft(stage.app.context, draft.id, draft.version);
    return act(draft);
  };
  return { by: 'operator', prepare };
}

/** A daily reader is due an article, and words for its digest are approved or not. */
function onPlanning(isApproved: boolean): Scenario {
  const prepare = async (stage: Stage): Promise<Act> => {
    const { app } = stage;
    const publication = await app.createPublication({ defaultCadence: 'daily' });
    await addReader(app, publication, 'ada@example.com');
    await addArticles(app, publication, 'Low tide');
    const { draft } = await writeDraft(app.context, publication.id, NEXT_DAILY, { note: 'Dear readers,' });
    if (isApproved) await approveDraft(app.context, draft.id, draft.version);
    app.advanceClock(DAY_MS);
    return (context) => planDue(context);
  };
  return { by: 'system', notedIn: ['failed_rows'], prepare };
}

export const draftScenarios: Scenarios = {
  'draft.written': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      return (context) => writeDraft(context, id, NEXT_DAILY);
    },
  },
  'draft.changed': onDraft(
    ({ id }) =>
      (context) =>
        changeDraft(context, id, { seen: 1, change: { outro: 'Until soon.' } }),
  ),
  'draft.moved': onDraft(
    ({ id }) =>
      (context) =>
        moveDraft(context, id, 1, { cadence: 'weekly', period: null, closesAt: null }),
  ),
  'draft.approved': onDraft(
    ({ id }) =>
      (context) =>
        approveDraft(context, id, 1),
  ),
  'draft.used': onPlanning(true),
  'draft.missed': onPlanning(false),
  'draft.taken-back': onDraft(
    ({ id }) =>
      (context) =>
        takeDraftBack(context, id, 1),
    true,
  ),
  'draft.discarded': onDraft(
    ({ id }) =>
      (context) =>
        discardDraft(context, id, 1),
  ),
};
