import express, { type Router } from 'express';
import {
  accentFor,
  contrastRatio,
  DARK_BACKGROUND,
  LIGHT_BACKGROUND,
} from '../../../platform/templates/accent-colour.js';
import { listLatestReleased } from '../../../articles/reads.js';
import { estimateDigest } from '../../../deliveries/plan/estimate-digest.js';
import { composeMail } from '../../../digests/compose/compose-mail.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { settingsForm, type SettingsContext } from '../settings/settings-form.js';
import { lookFields } from './look-fields.js';

/** How pages and mails look. */
export function lookRoutes(context: SettingsContext): Router {
  const router = express.Router();
  const form = settingsForm(context, {
    template: 'dashboard-look',
    path: '/look',
    groups: lookFields,
    readMore: async (publication) => ({
      ...describeColour(publication),
      subjects: await composeSubjects(context, publication),
    }),
  });
  router.get('/', form.show);
  router.post('/', form.save);
  return router;
}

/** The subjects that the next digest would have: with all that waits, and with its first article alone. */
async function composeSubjects(
  { db, now, templates }: SettingsContext,
  publication: Publication,
): Promise<string[]> {
  const { articleIds } = await estimateDigest({ db }, publication);
  const newest = articleIds.length > 0 ? [] : await listLatestReleased(db, publication.id, SHOWN_NEWEST);
  const ids = [...articleIds.slice(0, MAX_NAMED), ...newest.toReversed().map(({ id }) => id)];
  const lists = ids.length === 0 ? [] : [ids, ids.slice(0, 1)];
  const mails = await Promise.all(
    lists.map((list) =>
      composeMail(
        { db, templates },
        { publication, locale: publication.locale, articleIds: list, date: now() },
      ),
    ),
  );
  return [...new Set(mails.map(({ subject }) => subject))];
}

/** Where nothing waits. */
const SHOWN_NEWEST = 3;
/** More are in no digest that anybody reads to its end. */
const MAX_NAMED = 50;

/** The shades that are used, with how well they can be read (WCAG 2.2, 1.4.3). */
function describeColour({ accent }: Pick<Publication, 'accent'>): TemplateData {
  const { light, dark } = accentFor(accent);
  const shade = (name: string, used: string, background: string) => ({
    name,
    used,
    background,
    contrast: contrastRatio(used, background).toFixed(1),
    own: accent === null ? null : contrastRatio(accent, background).toFixed(1),
    isChanged: accent !== null && used !== accent,
  });
  return {
    shades: [
      shade('On light pages and in mails', light, LIGHT_BACKGROUND),
      shade('On dark ones', dark, DARK_BACKGROUND),
    ],
    isOwnColour: accent !== null,
  };
}
