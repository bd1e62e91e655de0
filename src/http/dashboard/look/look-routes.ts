import express, { type Router } from 'express';
import {
  accentFor,
  contrastRatio,
  DARK_BACKGROUND,
  LIGHT_BACKGROUND,
} from '../../../platform/templates/accent-colour.js';
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
    readMore: async (publication) => describeColour(publication),
  });
  router.get('/', form.show);
  router.post('/', form.save);
  return router;
}

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
