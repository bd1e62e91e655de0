import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { usableTimeZone } from '../../../platform/text/time-zone.js';
import { cadences, type Publication } from '../../../publications/publication.js';
import { monthNumber, type AddressPart, type ReaderFilter } from '../../../subscribers/list/reader-filter.js';
import type { ReaderPlace } from '../../../subscribers/list/reads.js';

/** States as they stand in the address of the list. */
const listedStates = ['reading', 'added', 'paused', 'left', 'waiting'] as const;
const STATUS = {
  reading: 'confirmed',
  added: 'added',
  paused: 'paused',
  left: 'unsubscribed',
  waiting: 'pending',
} as const;

/** When she was mailed last, as it stands there: this month or the last, not for so many months, or never. */
const mailedChoices = ['lately', '3', '12', 'never'] as const;

const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).or(z.literal('')).catch('');
const text = (length: number) => z.string().trim().max(length).catch('');

const querySchema = z.object({
  q: text(254),
  state: choice(listedStates),
  rhythm: choice(cadences),
  topic: text(60),
  language: text(100),
  form: text(300),
  bounced: choice(['yes']),
  from: text(10),
  to: text(10),
  mailed: choice(mailedChoices),
});

/** The filters as they stand in the address of the list; empty where one does not matter. */
export type ListQuery = z.infer<typeof querySchema>;

/** What cannot be used is left out. */
export function readListQuery(query: unknown): ListQuery {
  return querySchema.parse(query ?? {});
}

/** The filters for an address: those that matter. */
export function toQueryString(query: ListQuery, more: Record<string, string> = {}): string {
  const given = Object.entries({ ...query, ...more }).filter(([, value]) => value !== '');
  return new URLSearchParams(given).toString();
}

export type ReadFilter = { filter: ReaderFilter; mistakes: { from: boolean; to: boolean } };

/** @param maySearchAddresses who may not is given what she sees: domains */
export function toFilter(
  query: ListQuery,
  { timezone }: Pick<Publication, 'timezone'>,
  { now, maySearchAddresses }: { now: Date; maySearchAddresses: boolean },
): ReadFilter {
  const { q, state, rhythm, topic, language, form, bounced, from, to, mailed } = query;
  const [first, last] = [parseDay(from), parseDay(to)];
  const beginning = (day: Temporal.PlainDate | undefined) =>
    day && new Date(day.toZonedDateTime(usableTimeZone(timezone)).epochMilliseconds);
  return {
    filter: {
      address: toAddressPart(q, maySearchAddresses),
      status: state === '' ? undefined : STATUS[state],
      cadence: rhythm === '' ? undefined : rhythm,
      topic: topic === '' ? undefined : topic,
      locale: language === '' ? undefined : language,
      source: form === '' ? undefined : form,
      bounced: bounced === 'yes' ? true : undefined,
      joinedFrom: beginning(first),
      joinedBefore: beginning(last?.add({ days: 1 })),
      mailed: toLastMailed(mailed, monthNumber(now)),
    },
    mistakes: { from: from !== '' && first === undefined, to: to !== '' && last === undefined },
  };
}

/** From how many letters on any part is looked for: an index knows them by threes. */
const PART_LENGTH = 3;

function toAddressPart(typed: string, maySearchAddresses: boolean): AddressPart | undefined {
  const text = typed.normalize('NFC').toLowerCase();
  if (text === '') return undefined;
  if (!maySearchAddresses) {
    const domain = text.slice(text.lastIndexOf('@') + 1);
    return domain === '' ? undefined : { kind: 'domain', text: domain };
  }
  return { kind: Array.from(text).length < PART_LENGTH ? 'beginning' : 'part', text };
}

function toLastMailed(mailed: ListQuery['mailed'], month: number): ReaderFilter['mailed'] {
  if (mailed === '') return undefined;
  if (mailed === 'never') return { kind: 'never' };
  if (mailed === 'lately') return { kind: 'since', month: month - 1 };
  return { kind: 'before', month: month - Number(mailed) };
}

function parseDay(typed: string): Temporal.PlainDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(typed)) return undefined;
  try {
    return Temporal.PlainDate.from(typed, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}

const placeSchema = z
  .string()
  .transform((place) => place.split('~'))
  .pipe(z.tuple([z.iso.datetime(), z.uuid()]))
  .transform(([joined, id]): ReaderPlace => ({ joined, id }));

/** Where a page begins; undefined: at the top. */
export function readPlaces(query: Record<string, unknown>): {
  after?: ReaderPlace | undefined;
  before?: ReaderPlace | undefined;
} {
  const [after, before] = ['after', 'before'].map((side) => placeSchema.safeParse(query[side]).data);
  return after === undefined ? { before } : { after };
}

export function placeText({ joined, id }: ReaderPlace): string {
  return `${joined}~${id}`;
}
