import express, { type Router } from 'express';
import { renderEditorNote } from '../../../digests/compose/editor-note.js';
import type { FieldGroup } from '../settings/field.js';
import { settingsForm, type SettingsContext } from '../settings/settings-form.js';

const welcomeFields: readonly FieldGroup[] = [
  {
    id: 'words',
    heading: 'Your own words',
    about:
      'A reader who has just confirmed gets a mail that says when her first digest comes and what was published lately. Your words stand at its beginning.',
    fields: [
      {
        name: 'welcomeText',
        label: 'Text',
        kind: 'words',
        help: 'Plain text or Markdown: *emphasis*, [a link](https://…), lists. HTML is shown as typed. Without text the mail has none.',
      },
    ],
  },
];

/** The page with the publisher's own words in the mail that welcomes a reader. */
export function welcomeRoutes(context: SettingsContext): Router {
  const router = express.Router();
  const form = settingsForm(context, {
    template: 'dashboard-welcome',
    path: '/look/welcome',
    groups: welcomeFields,
    flashes: { saved: 'Saved. Readers who confirm from now on get it so.' },
    readMore: async ({ welcomeText }) => ({
      preview: welcomeText === null ? null : renderEditorNote(welcomeText).text,
    }),
  });
  router.get('/', form.show);
  router.post('/', form.save);
  return router;
}
