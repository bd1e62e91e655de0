import { z } from 'zod';
import { RESERVED_WORDS } from '../platform/base-path.js';
import { isSafeLine, lineSchema, textSchema } from '../platform/text/safe-text.js';
import { findUnknownName, subjectNames } from './subject-template.js';
import { languageSchema, timeZoneSchema } from './place-schemas.js';

export const cadences = ['instant', 'daily', 'weekly', 'monthly'] as const;
export type Cadence = (typeof cadences)[number];

/** Excerpts, or whole articles. */
export type ContentMode = 'summary' | 'full';

/** A newsletter: what we publish, in whose name, and how often a reader gets it unless she chooses otherwise. */
export type Publication = {
  id: string;
  /** Names it in links. */
  number: number;
  slug: string;
  /** The one it had first: what must stay the same is named by it. */
  firstSlug: string;
  name: string;
  siteUrl: string;
  fromName: string;
  fromAddress: string;
  /** Confirmations and other notices come from here; the newsletter's own address when absent. */
  noticeAddress: string | null;
  replyTo: string | null;
  postalAddress: string | null;
  contact: string | null;
  /** A language tag (RFC 5646), of a language that may have no translations. */
  locale: string;
  /** IANA name. */
  timezone: string;
  defaultCadence: Cadence;
  hour: number;
  /** 1 is Monday, as in ISO 8601. */
  weekday: number;
  dayOfMonth: number;
  /** What readers may choose among; none when they get everything. */
  topics: string[];
  /** Articles in one of these are never mailed. */
  neverEmailCategories: string[];
  holdMinutes: number;
  contentMode: ContentMode;
  approval: boolean;
  /** What becomes of a digest whose words nobody has approved: it goes without them, or waits. */
  unapprovedWords: 'leave-out' | 'wait';
  /** Who may read sent digests on the web: everybody, whoever has the address, or nobody. */
  archive: 'public' | 'unlisted' | 'off';
  accent: string | null;
  logo: string | null;
  /** Where it says what it does with addresses; forms lead there. */
  privacyUrl: string | null;
  /** In the mail that welcomes a reader; Markdown. */
  welcomeText: string | null;
  /** The wording of digests' subjects, with names in braces (`subject-template.ts`); null: ours. */
  subjectTemplate: string | null;
  /** Who signs its mail (DKIM); null: nobody has said. */
  signedBy: 'server' | 'paperround' | null;
  /** The name of the mail server's key, by which its record in the DNS is looked up. */
  serverSelector: string | null;
  /** Lists of other products whose forms sign up here: listmonk's UUIDs, Mailchimp's ids of audiences. */
  formLists: string[];
  /** For so many days the IP address and browser of a consent are kept; 0: they are never stored. */
  evidenceDays: number;
  /** The number of the newest released article; 0 before the first. */
  lastSeq: number;
  instantPlannedSeq: number;
  createdAt: Date;
  archivedAt: Date | null;
  /** Since when it sends digests; null: it is being set up. */
  liveAt: Date | null;
};

/** Whether readers get digests of it. Notices are sent before it is live, too. */
export function sendsDigests({ archivedAt, liveAt }: Pick<Publication, 'archivedAt' | 'liveAt'>): boolean {
  return archivedAt === null && liveAt !== null;
}

const slug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is lower-case letters, digits and dashes, at most 63')
  // `new` is the page of operators that makes one.
  .refine((word) => word !== 'new' && !RESERVED_WORDS.has(word), 'is one of our own routes; choose another');

/** RFC 5321 section 4.5.3.1: at most 64 octets before the @. */
const emailAddress = z
  .email('is not an e-mail address')
  .max(254)
  .refine((text) => text.indexOf('@') <= 64, 'has more than 64 characters before the @');
/** Parsers of addresses leave out line ends that mails and pages would not. */
const webUrl = z
  .url({ protocol: /^https?$/, error: 'is not a web address like https://example.com' })
  .refine(isSafeLine, 'has control characters');
const httpsUrl = z
  .url({ protocol: /^https$/, error: 'is not a web address like https://example.com/logo.png' })
  .refine(isSafeLine, 'has control characters');
const wholeNumber = (least: number, most: number) => {
  const error = `is a whole number from ${least} to ${most}`;
  return z.preprocess(asNumber, z.int(error).min(least, error).max(most, error));
};

/** Terminals and forms send digits. Nothing else becomes a number: an empty value must not be read as 0. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

/** Terminals say on and off; programs say true and false. */
const onOffBoolean = z.preprocess(asBoolean, z.boolean('is on or off'));

function asBoolean(value: unknown): unknown {
  if (value === 'on') return true;
  return value === 'off' ? false : value;
}

/** A list, or in a terminal its members separated by commas. */
const topics = z.preprocess(asList, z.array(lineSchema(60)).max(30, 'has more than 30'));

/** As feeds name them. */
const categories = z.preprocess(asList, z.array(lineSchema(100)).max(30, 'has more than 30'));

/** A list of listmonk is named by a UUID, an audience of Mailchimp by ten hexadecimal digits. */
const formLists = z.preprocess(
  asList,
  z
    .array(
      z
        .string()
        .regex(/^[\w-]{4,64}$/, 'has something else than the ids of lists: letters, digits and dashes')
        .transform((id) => id.toLowerCase()),
    )
    .max(30, 'has more than 30'),
);

function asList(value: unknown): unknown {
  if (value === null) return [];
  return typeof value === 'string' ? value.split(',').map((topic) => topic.trim()) : value;
}

/** What an operator may set. `publication set`, the API and the operator's pages all parse with this. */
export const settingsSchema = z.strictObject({
  slug,
  name: lineSchema(200),
  siteUrl: webUrl,
  fromName: lineSchema(200),
  fromAddress: emailAddress,
  noticeAddress: emailAddress.nullable(),
  replyTo: emailAddress.nullable(),
  postalAddress: lineSchema(300).nullable(),
  contact: lineSchema(254).nullable(),
  locale: languageSchema,
  timezone: timeZoneSchema,
  defaultCadence: z.enum(cadences, `is one of ${cadences.join(', ')}`),
  hour: wholeNumber(0, 23),
  weekday: wholeNumber(1, 7),
  dayOfMonth: wholeNumber(1, 31),
  topics,
  neverEmailCategories: categories,
  holdMinutes: wholeNumber(0, 10_080),
  contentMode: z.enum(['summary', 'full'], 'is summary or full'),
  /** Whether each digest of readers' own rhythms waits for an operator's word. */
  approval: onOffBoolean,
  unapprovedWords: z.enum(['leave-out', 'wait'], 'is leave-out or wait'),
  archive: z.enum(['public', 'unlisted', 'off'], 'is public, unlisted or off'),
  accent: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'is a colour like #9a3412')
    .transform((colour) => colour.toLowerCase())
    .nullable(),
  /** In mails, which load nothing over plain http. */
  logo: httpsUrl.nullable(),
  privacyUrl: webUrl.nullable(),
  welcomeText: textSchema(2000).nullable(),
  subjectTemplate: lineSchema(150)
    .refine((text) => findUnknownName(text) === undefined, {
      error: ({ input }) =>
        `has {${findUnknownName(String(input)) ?? ''}}; what may stand in braces is ${subjectNames.join(', ')}`,
    })
    .nullable(),
  /** Decides which DNS records are looked at; keys that were made here sign in any case. */
  signedBy: z.enum(['server', 'paperround'], 'is server or paperround').nullable(),
  /** RFC 6376 section 3.1. */
  serverSelector: z
    .string()
    .regex(/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$/, 'is the name of a key, like s1 or 2026-11')
    .nullable(),
  formLists,
  evidenceDays: wholeNumber(0, 730),
});

export const settingsChangeSchema = settingsSchema.partial();

export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const newPublicationSchema = settingsSchema
  .partial()
  .required({ slug: true, name: true, siteUrl: true, fromAddress: true });

export type NewPublication = z.infer<typeof newPublicationSchema>;
