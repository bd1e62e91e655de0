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
    heading: 'Mails',
    fields: [
      {
        name: 'subjectTemplate',
        label: 'Wording of subjects',
        kind: 'text',
        help: 'Like “{newsletter}: {first}[, and {more} more]”. In braces: first (its title), more, count, newsletter, date. What is in square brackets is left out where there is one article. Empty: the first title, and how many more there are, in each reader’s language.',
      },
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
