import { z } from 'zod';
import { settingsSchema, type SettingsChange } from '../../publications/publication.js';

/** What each setting is. */
const meanings: Record<keyof SettingsChange, string> = {
  slug: 'its name in URLs',
  name: 'its name for readers',
  siteUrl: 'where it is published',
  fromName: 'the sender’s name',
  fromAddress: 'the sender’s address',
  noticeAddress: 'the sender of confirmations, if it is another',
  replyTo: 'where replies go, if not to the sender',
  postalAddress: 'below every mail, as the law of many countries asks for',
  contact: 'how readers reach you, on pages and below mails',
  locale: 'the language of its readers: a tag like en or sw',
  timezone: 'a time zone like Africa/Nairobi',
  defaultCadence: 'how often readers who do not choose get mail',
  hour: 'of the day, for daily, weekly and monthly mail',
  weekday: 'of weekly mail; 1 is Monday',
  dayOfMonth: 'of monthly mail; the last day in shorter months',
  topics: 'what readers may choose among',
  neverEmailCategories: 'categories whose articles are never emailed',
  holdMinutes: 'how long an article waits before it is released',
  contentMode: 'excerpts or whole articles',
  approval: 'whether each digest waits for an operator’s word',
  unapprovedWords: 'a digest whose words nobody approved: leave-out (it goes without them) or wait',
  archive: 'who may read sent digests: everybody, who has the address, or nobody',
  accent: 'a colour like #9a3412',
  logo: 'a picture’s https address',
  signedBy: 'who signs mail: the mail server, or Paperround with keys of its own',
  serverSelector: 'the name of the mail server’s DKIM key',
  privacyUrl: 'the page that says what you do with addresses; forms and mails lead there',
  subjectTemplate: 'the wording of subjects: {first}, {more}, {count}, {newsletter}, {date}',
  welcomeText: 'your own words in the mail that welcomes a reader; Markdown',
  formLists: 'lists of listmonk or Mailchimp whose forms sign up here, by their ids',
  evidenceDays: 'how long IP address and browser of a consent are kept; 0: not at all',
};

/** For help: every setting with what it is and which values it takes, as the schema has it. */
export function settingsHelp(): string {
  const width = Math.max(...Object.keys(settingsSchema.shape).map(({ length }) => length));
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const allowed = allowedValues(toJsonSchema(schema));
    const meaning = meanings[name as keyof SettingsChange];
    return `  ${name.padEnd(width)}  ${[meaning, ...(allowed === '' ? [] : [`(${allowed})`])].join(' ')}`;
  });
  return ['', 'Settings:', ...rows, '', 'An empty value takes an optional one away: replyTo='].join('\n');
}

type JsonSchema = {
  type?: string;
  enum?: string[];
  anyOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
};

/** Of what the terminal may write: the schema of a value as it is stored. */
function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema;
}

function allowedValues(schema: JsonSchema): string {
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return ['optional', allowedValues(first)].filter((part) => part !== '').join(', ');
  if (schema.enum !== undefined) return schema.enum.join(', ');
  if (schema.type === 'boolean') return 'on, off';
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') return `separated by commas, at most ${schema.maxItems}`;
  return schema.maxLength === undefined ? '' : `at most ${schema.maxLength} characters`;
}
