import type { FieldGroup } from '../settings/field.js';

/** How pages and mails of a newsletter look. */
export const lookFields: readonly FieldGroup[] = [
  {
    id: 'colour',
    heading: 'Colour and logo',
    fields: [
      {
        name: 'accent',
        label: 'Colour',
        kind: 'text',
        help: 'Of links and buttons, like #9a3412. Where words in it could not be read, a shade of it is used.',
      },
      {
        name: 'logo',
        label: 'Address of the logo',
        kind: 'url',
        help: 'A picture on https. At the top of mails it stands in place of the name, which is shown where pictures are off.',
      },
    ],
  },
  {
    id: 'mail',
    heading: 'Articles in mails',
    fields: [
      {
        name: 'contentMode',
        label: 'What mails have of an article',
        kind: 'choice',
        options: [
          { value: 'summary', label: 'Its beginning, and a link' },
          { value: 'full', label: 'All of it' },
        ],
      },
    ],
  },
];
