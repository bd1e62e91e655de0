import { cadences, type Publication } from '../../publications/publication.js';
import { defaultCadenceSettings, type Choices, type Subscription } from '../subscription.js';

/** A sign-up form as it was sent: time zone and language canonical, the other fields within their lengths and not checked. */
export type SignUpForm = {
  email: string;
  cadence?: string | undefined;
  timezone?: string | undefined;
  topics: string[];
  locale?: string | undefined;
  /** The page that the form stood on. */
  source?: string | undefined;
  /** A field hidden from people, a honeypot: only programs fill it in. */
  website: string;
  /** `yes`: the reader was asked whether another domain was meant, and kept this one. */
  keep?: string | undefined;
  /** When a page of ours with the form was made, signed; see form-time.ts. */
  form?: string | undefined;
  /** `ask` for a proof-of-work challenge, or the solution of one. */
  proof?: string | undefined;
};

/** A recorded form. `outcome` is null until the job has decided which mail it leads to. */
export type SignUpRequest = {
  id: string;
  publicationId: string;
  email: string;
  locale: string | null;
  timezone: string | null;
  cadence: string | null;
  topics: string[];
  source: string | null;
  createdAt: Date;
  subscriptionId: string | null;
  outcome: 'confirmation' | 'already-subscribed' | 'capped' | 'suppressed' | 'held' | null;
  /** The form whose mail this one sends again; null: it is a form. */
  resendOf: string | null;
};

/** What a request is recorded from; `email` is a parsed address. */
export type NewSignUpRequest = Pick<
  SignUpRequest,
  'publicationId' | 'email' | 'locale' | 'timezone' | 'cadence' | 'topics' | 'source'
>;

/** A request under the id it will have; `held` waits until an operator releases or deletes it. */
export type SignUpRequestRow = NewSignUpRequest & {
  id: string;
  risk: number;
  reasons: string[];
  held: boolean;
  ip: string | null;
  agent: string | null;
  resendOf?: string | null;
};

export type HeldSignUp = {
  id: string;
  publicationId: string;
  email: string;
  /** Codes; `describeHeldReason` has the words. */
  reasons: string[];
  source: string | null;
  createdAt: Date;
};

/** One held sign-up, or all of a publication, or of those all that are held for one reason. */
export type HeldSelection =
  | { id: string; publicationId?: string }
  | { publicationId: string; reason?: string | undefined };

/** What became of a form: recorded, held, or why it was sent back. */
export type FormOutcome =
  | 'recorded'
  | 'held'
  | 'too-many'
  | 'honeypot'
  | 'empty'
  | 'malformed'
  | 'typo'
  | 'no-mail-server'
  | 'beyond-ascii'
  | 'proof-needed'
  | 'invalid';

/** How many forms of a publication had an outcome. */
export type FormCount = { publicationId: string; outcome: FormOutcome; count: number };

/** What a form asked for, as far as the publication has it, and the publication's own settings for the rest. */
export function requestedChoices(
  request: Pick<SignUpRequest, 'cadence' | 'timezone' | 'topics'> | undefined,
  publication: Publication,
): Choices {
  const settings = defaultCadenceSettings(publication, request?.timezone ?? null);
  return {
    ...settings,
    cadence: cadences.find((cadence) => cadence === request?.cadence) ?? settings.cadence,
    topics: publication.topics.filter((topic) => request?.topics.includes(topic)),
  };
}

/**
 * The language of a form's mail and pages. A subscription that nobody has confirmed has that of its first form, which may
 * have been somebody else's.
 * @param request undefined: it was deleted
 */
export function requestedLocale(
  request: Pick<SignUpRequest, 'locale'> | undefined,
  subscription: Pick<Subscription, 'locale' | 'confirmedAt'>,
  publication: Pick<Publication, 'locale'>,
): string {
  if (request === undefined) return subscription.locale;
  return request.locale ?? (subscription.confirmedAt === null ? publication.locale : subscription.locale);
}
