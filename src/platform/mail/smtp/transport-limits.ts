import { UserFacingError } from '../../user-facing-error.js';

/** What becomes of a delivery when nobody knows whether the server took it. */
export type UncertainPolicy = 'resend' | 'hold' | 'reconcile';

/** How much of a server may be used, and what it does to our mail: the query parameters of its URL. */
export type TransportLimits = {
  policy: UncertainPolicy;
  /** The server's mail log, which tells what became of doubtful deliveries; there when the policy is `reconcile`. */
  mailLog: string | undefined;
  /** Its share of the mail, compared with the other servers'. */
  weight: number;
  /** Messages in one second, minute, hour, day; undefined where there is no limit. */
  rates: { second?: number; minute?: number; hour?: number; day?: number };
  /** Messages on its first day, doubling every day; undefined when it needs no warming up. */
  warmUp: number | undefined;
  /** It signs our mail itself and replaces Message-ID and Date, so that only its own id finds a message again. */
  rewrites: boolean;
};

/** Query parameters as Nodemailer reads them: what looks like a number or a truth value is one. */
export type Query = Record<string, unknown>;

/** @throws one sentence for the operator */
export function parseLimits(query: Query): TransportLimits {
  const policy = policyOf(query['uncertain']);
  const mailLog = mailLogOf(query['mailLog']);
  if (policy === 'reconcile' && mailLog === undefined)
    throw new UserFacingError(
      'uncertain=reconcile in SMTP_URL needs mailLog= with the path of the mail log.',
    );
  return {
    policy,
    mailLog,
    weight: weightOf(query['weight']),
    rates: ratesOf(query),
    warmUp: wholeNumber('warmUp', query['warmUp']),
    rewrites: booleanOf('rewrites', query['rewrites']),
  };
}

/** Undefined when it is not given. */
export function wholeNumber(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new UserFacingError(`${name}= in SMTP_URL is a whole number above 0.`);
}

function policyOf(value: unknown): UncertainPolicy {
  if (value === undefined) return 'resend';
  if (value === 'resend' || value === 'hold' || value === 'reconcile') return value;
  throw new UserFacingError('uncertain= in SMTP_URL is resend, hold or reconcile.');
}

function mailLogOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.startsWith('/')) return value;
  throw new UserFacingError('mailLog= in SMTP_URL is the whole path of a file, from / on.');
}

function weightOf(value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new UserFacingError('weight= in SMTP_URL is a number above 0.');
}

function ratesOf(query: Query): TransportLimits['rates'] {
  const spans = { second: 'perSecond', minute: 'perMinute', hour: 'perHour', day: 'perDay' };
  const rates = Object.entries(spans).map(([span, name]) => [span, wholeNumber(name, query[name])]);
  return Object.fromEntries(rates.filter(([, rate]) => rate !== undefined));
}

function booleanOf(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw new UserFacingError(`${name}= in SMTP_URL is true or false.`);
}
