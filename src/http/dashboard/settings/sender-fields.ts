import type { FieldGroup } from './field.js';

/** In whose name mail comes, and who signs it. */
export const senderFields: readonly FieldGroup[] = [
  {
    id: 'from',
    heading: 'Who mail comes from',
    fields: [
      {
        name: 'fromName',
        label: 'Name',
        kind: 'text',
        help: 'In the list of a mail program it stands before the subject.',
      },
      { name: 'fromAddress', label: 'Address', kind: 'email' },
      {
        name: 'replyTo',
        label: 'Where replies go',
        kind: 'email',
        help: 'Without one they go to the address above. Somebody should read them.',
      },
      {
        name: 'noticeAddress',
        label: 'Address for confirmations',
        kind: 'email',
        help: 'Where confirmations and other notices come from, if it is another: mail providers judge the two kinds apart.',
      },
    ],
  },
  {
    id: 'place',
    heading: 'Below every mail',
    fields: [
      {
        name: 'postalAddress',
        label: 'Postal address',
        kind: 'text',
        help: 'As the law of many countries asks for. A P.O. box is fine.',
      },
    ],
  },
  {
    id: 'signer',
    heading: 'Who signs?',
    about:
      'A signature (DKIM) shows receivers that mail is yours. Either the mail server makes it, or Paperround with keys of its own: this decides which records are looked at.',
    fields: [
      {
        name: 'signedBy',
        label: 'Mail is signed by',
        kind: 'choice',
        options: [
          { value: '', label: 'Not chosen yet' },
          { value: 'server', label: 'The mail server' },
          { value: 'paperround', label: 'Paperround' },
        ],
      },
      {
        name: 'serverSelector',
        label: 'Name of the mail server’s key',
        kind: 'text',
        help: 'Its selector, like s1. Whoever runs the mail server knows it. For Paperround’s own keys it is not needed.',
      },
    ],
  },
];
