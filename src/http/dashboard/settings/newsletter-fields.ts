import type { Context } from '../../../platform/context.js';
import type { FieldGroup } from './field.js';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The settings of a newsletter that are not on a page of their own. */
export function newsletterFields({
  publicUrl,
  config,
}: Pick<Context, 'publicUrl' | 'config'>): readonly FieldGroup[] {
  return [
    {
      id: 'name-and-site',
      heading: 'Name and site',
      fields: [
        { name: 'name', label: 'Name', kind: 'text', help: 'As readers see it, on pages and in mails.' },
        { name: 'siteUrl', label: 'Address of your site', kind: 'url' },
        {
          name: 'slug',
          label: 'Name in addresses',
          kind: 'text',
          help: `Its pages are below ${publicUrl}/ and this name. When you change it, forms, links and feeds with the old one go on working, and lead to the new.`,
        },
        {
          name: 'locale',
          label: 'Language of its readers',
          kind: 'text',
          help: 'A tag like en, sw or pt-BR. Pages and mails are in it where there is a translation, else in English; so are those of a reader whose own language has none.',
        },
        {
          name: 'contact',
          label: 'How readers reach you',
          kind: 'text',
          help: 'A mail address or a page. It stands on pages and below mails.',
        },
        {
          name: 'privacyUrl',
          label: 'Your privacy page',
          kind: 'url',
          help: 'What you do with addresses. Forms and mails lead there.',
        },
      ],
    },
    {
      id: 'when',
      heading: 'When readers get mail',
      about:
        'These are for readers who do not choose themselves. Readers who are there already keep what they have.',
      fields: [
        {
          name: 'defaultCadence',
          label: 'How often',
          kind: 'choice',
          options: [
            { value: 'instant', label: 'Each new article' },
            { value: 'daily', label: 'Every day' },
            { value: 'weekly', label: 'Every week' },
            { value: 'monthly', label: 'Every month' },
          ],
        },
        {
          name: 'hour',
          label: 'Hour',
          kind: 'choice',
          options: Array.from({ length: 24 }, (_, hour) => ({
            value: `${hour}`,
            label: `${`${hour}`.padStart(2, '0')}:00`,
          })),
        },
        {
          name: 'timezone',
          label: 'Time zone',
          kind: 'zone',
          help: 'Also that of the times on these pages.',
        },
        {
          name: 'weekday',
          label: 'Day of weekly mail',
          kind: 'choice',
          options: weekdays.map((label, at) => ({ value: `${at + 1}`, label })),
        },
        {
          name: 'dayOfMonth',
          label: 'Day of monthly mail',
          kind: 'number',
          help: 'From 1 to 31. In shorter months it is the last day.',
        },
      ],
    },
    {
      id: 'before',
      heading: 'Before mail goes out',
      fields: [
        {
          name: 'holdMinutes',
          label: 'Minutes that a new article waits',
          kind: 'number',
          help: 'Time to correct it on your site, or to hold it here.',
        },
        {
          name: 'neverEmailCategories',
          label: 'Never email articles in these categories',
          kind: 'lines',
          help: 'One a line, as your site names them. A post in the category “Don’t email” is never emailed in any case. It counts for articles that come from now on.',
        },
        {
          name: 'approval',
          label: 'Each digest',
          kind: 'choice',
          options: [
            { value: 'off', label: 'It goes out by itself' },
            { value: 'on', label: 'It waits until somebody here sends it' },
          ],
        },
        {
          name: 'unapprovedWords',
          label: 'A digest whose words nobody has approved in time',
          kind: 'choice',
          options: [
            { value: 'leave-out', label: 'It goes without them' },
            { value: 'wait', label: 'It waits until they are approved' },
          ],
        },
      ],
    },
    {
      id: 'choices',
      heading: 'What readers may choose, and what is kept',
      about: `Of a sent mail the mail server’s words are deleted after ${config.retentionMonths} months (RETENTION_MONTHS on the server).`,
      fields: [
        {
          name: 'topics',
          label: 'List of topics',
          kind: 'lines',
          help: 'One a line, as the categories of your articles. Without any everybody gets everything.',
        },
        {
          name: 'archive',
          label: 'Who may read sent digests on the web',
          kind: 'choice',
          options: [
            { value: 'public', label: 'Everybody, and search engines find them' },
            { value: 'unlisted', label: 'Whoever has the address' },
            { value: 'off', label: 'Nobody' },
          ],
        },
        {
          name: 'formLists',
          label: 'Lists of another product whose forms sign up here',
          kind: 'lines',
          help: 'One a line: the UUID of a list of listmonk, or the id of a Mailchimp audience, as the form names it. The only newsletter of a server takes every such form.',
        },
        {
          name: 'evidenceDays',
          label: 'Days for which proof of consent has network address and browser',
          kind: 'number',
          help: 'The words, page and times are always kept; once a reader is erased, without her address. 0: network address and browser are never stored.',
        },
      ],
    },
  ];
}
