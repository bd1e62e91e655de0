import type { Field, Preset } from './fields.js';

/**
 * What columns are called, in lower case with single blanks; of two columns for one field the name that comes first counts. No
 * e-mail address that is somebody else's is among them, nor tags and lists, which are a publisher's own and no choice of a reader's.
 */
export const COLUMN_NAMES: Record<Exclude<Field, 'ignore' | 'old-id' | 'old-key'>, string> = {
  email:
    'email|email address|e mail|e mail address|emailaddress|mail|subscriber email|email adresse|e mail adresse|adresse e mail|adresse email|courriel|correo|correo electrónico|correo electronico|barua pepe|البريد الإلكتروني|user email|user email address|email id|primary email',
  language: 'language|locale|lang|preferred language|language code|langue|sprache|idioma|lugha',
  timezone: 'timezone|time zone|tz|iana timezone|timezone name',
  cadence: 'cadence|frequency|email frequency|digest frequency|prefer digests',
  topics: 'topics|topic|interests|categories',
  joined:
    'optin time|opt in time|subscribed at|subscription date|subscription time|date subscribed|subscribed on|joined at|joined|join date|date joined|signup date|sign up date|signed up at|signed up|signup time|subscription created at|start date|created at|created|creation date|created date|createdat|date created|date added|added at|added|registered at|registration date|registered|member since|since|inserted at|subscribed|date',
  confirmed:
    'confirm time|confirmed at|confirmation time|confirmation date|confirmed on|confirmed date|date confirmed|verified at|activated at|activation date|confirmed',
  status:
    'global status|status|state|subscription status|email subscription status|email subscription|email status|subscriber status|member status|list status|subscriber type|statut|estado',
  'is-subscribed':
    'subscribed to emails|is subscribed|subscribed|email subscribed|email enabled|accepts email marketing|accepts marketing|marketing consent|opted in|opt in|optin|is active|active|enabled|newsletter|is confirmed|confirmed|double opt in',
  'has-left':
    'email disabled|unsubscribed|is unsubscribed|has unsubscribed|unsubscribe|opted out|opt out|optout|bounced|is bounced|complained|cleaned|suppressed|blocklisted|blacklisted|blocked|do not email|do not mail|disabled|deleted',
  left: 'unsub time|unsubscribed at|unsubscription date|unsubscribe date|unsubscribed on|unsubscribe time|date unsubscribed|clean time|cancelled at|canceled at|left at|opt out date|optout date|optout time|opt out time|bounced at|undeliverability date|deleted at|unsubscribed',
  reason:
    'unsub reason|unsubscribe reason|unsubscribed reason|unsubscription reason|undeliverability reason|bounce reason|leave reason|reason',
  source:
    'source|signup source|sign up source|acquisition source|subscription source|subscription source (free)|optin source|source name|origin|signup page|referrer|referrer url|utm source',
};

/** By which columns a product's export is known: all of one of the lines. */
export const PRESET_COLUMNS: Record<Exclude<Preset, 'plain'>, readonly string[]> = {
  // Its export's email_list.….csv, an older subscribers.….csv, and what the page of subscribers gives.
  substack: [
    'email|email disabled',
    'email|active subscription|expiry',
    'email|stripe connected customer id',
    'email|emails received (6mo)',
    'email|subscription source (free)',
    'user email address|subscription created at',
  ],
  // Mailchimp, "View or Export Contacts": three files, of which two have a time of their own.
  mailchimp: [
    'optin time|leid',
    'optin time|euid',
    'email address|member rating',
    'email address|optin time|confirm time',
  ],
  // Ghost, ghost/members-csv/lib/unparse.js
  ghost: ['email|subscribed to emails', 'email|complimentary plan|stripe customer id'],
  beehiiv: [
    'email|subscription tier',
    'email|subscription premium tier names',
    'email|beehiiv id',
    'email|utm channel|referral code',
  ],
  kit: [
    'email address|state|first name',
    'email|state|first name',
    'email|cancelled at|first name|created at',
  ],
  buttondown: [
    'email address|creation date|type',
    'email|creation date|type',
    'email|creation date|subscriber type',
    'email|subscriber type',
    'email address|unsubscription date',
    'email|secondary id',
    'email address|secondary id',
  ],
  // listmonk, cmd/subscribers.go, ExportSubscribers
  listmonk: ['uuid|email|attributes|status', 'uuid|email|attribs|status', 'uuid|email|status|created at'],
  // MailPoet, lib/Subscribers/ImportExport/ImportExportFactory.php; it names columns in the language of the site.
  mailpoet: [
    'email|global status',
    'email|list status',
    'email|subscription time|confirmation time',
    'email|subscription ip',
  ],
  jetpack: [
    'email address|subscription date',
    'email|email subscription',
    'email|date subscribed|subscription type',
    'email|subscribed on',
  ],
  keila: [
    'email|first name|last name|data',
    'email|external id|data',
    'email|first name|last name|status|data',
  ],
};

/** What columns of a product are where their names say something else elsewhere. */
export const PRESET_FIELDS: Partial<Record<Preset, Readonly<Record<string, Field>>>> = {
  // A type, and cancelling, are about paying.
  substack: {
    'digest enabled': 'cadence',
    'active subscription': 'ignore',
    active: 'ignore',
    status: 'ignore',
    'cancel date': 'ignore',
  },
  beehiiv: { status: 'status', created: 'joined' },
  // Who became a member without paying: paying is not what the newsletter is for.
  ghost: { status: 'ignore', uuid: 'old-id', key: 'old-key' },
  listmonk: { uuid: 'old-id' },
  buttondown: { type: 'status', 'subscriber type': 'status' },
  kit: { state: 'status', 'cancelled at': 'left' },
  mailpoet: {
    'subscription time': 'joined',
    'confirmation time': 'confirmed',
    source: 'source',
    id: 'old-id',
    'link token': 'old-key',
  },
};

/** Columns of tables in which each row is something that happened, and an address is there many times (Substack's opens and delivers). */
export const EVENT_COLUMNS: readonly string[] = [
  'post id',
  'post type',
  'campaign id',
  'event type',
  'event',
  'link url',
  'message id',
  'email sent at',
  'opens count',
];
