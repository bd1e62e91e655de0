import type { Request, Response } from 'express';
import { z } from 'zod';
import { maySeeAddresses } from '../../../operators/operator.js';
import type { Context } from '../../../platform/context.js';
import { maskAddress } from '../../../subscribers/address.js';
import {
  countSuppressions,
  listSuppressionPage,
  type ListedSuppression,
} from '../../../subscribers/suppression/operator-reads.js';
import { SUPPRESSION_STRENGTH, suppressionSources } from '../../../subscribers/suppression/reads.js';
import { deskOf, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { flashes, sourceWords, suppressionWords } from './words.js';

export type DoNotMailContext = Pick<Context, 'db' | 'now' | 'templates' | 'hashAddress'>;

const PAGE_SIZE = 50;

const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).or(z.literal('')).catch('');

const pageQuery = z.object({
  before: z.uuid().optional().catch(undefined),
  reason: choice(['erased', 'bounced', 'complained', 'never', 'operator']),
  source: choice(suppressionSources),
  scope: choice(['own', 'everywhere']),
});

/** What was typed into the form that adds one, and what is wrong with it. */
export type AddForm = {
  what: string;
  note: string;
  scope: string;
  field: 'what' | 'note' | null;
  mistake: string;
};

const EMPTY_FORM: AddForm = { what: '', note: '', scope: 'own', field: null, mistake: '' };

/** Who is not mailed, why, since when and on whose word. An address is shown where a reader of this newsletter has it. */
export async function showDoNotMail(
  { db, templates }: DoNotMailContext,
  req: Request<object>,
  res: Response,
  form: AddForm = EMPTY_FORM,
): Promise<void> {
  const { publication, role } = publicationDeskOf(res);
  const query = pageQuery.parse(req.query);
  const counts = (await countSuppressions(db, publication.id)).filter(
    ({ own, everywhere }) => own + everywhere > 0,
  );
  const filter = {
    publicationId: publication.id,
    scope: query.scope === '' ? undefined : query.scope,
    reason: query.reason === '' ? undefined : query.reason,
    source: query.source === '' ? undefined : query.source,
  };
  const rows = await listSuppressionPage(db, filter, { before: query.before, limit: PAGE_SIZE + 1 });
  const shown = rows.slice(0, PAGE_SIZE);
  const { reason, source, scope } = query;
  const filters = Object.entries({ reason, source, scope }).filter(([, value]) => value !== '');
  return sendDeskPage({ templates }, res, 'dashboard-do-not-mail', {
    flash: form.field === null ? findFlash(flashes, req.query['done']) : null,
    form,
    counts: counts.map((one) => ({ ...one, words: suppressionWords[one.reason] })),
    total: counts.length,
    rows: shown.map((one) => describe(one, maySeeAddresses(role))),
    query: { reason, source, scope },
    isFiltered: filters.length > 0,
    queryString: new URLSearchParams(filters).toString(),
    reasons: SUPPRESSION_STRENGTH.map((value) => ({ value, label: suppressionWords[value] })),
    sources: suppressionSources.map((value) => ({ value, label: sourceWords[value] })),
    before: query.before ?? null,
    next: rows.length > PAGE_SIZE ? (shown.at(-1)?.id ?? null) : null,
    mayEverywhere: mayEverywhere(res),
  });
}

/** Whether the operator may decide for all newsletters on the server. */
export function mayEverywhere(res: Response): boolean {
  return deskOf(res).operator?.isAdministrator ?? true;
}

/** An entry in words. */
export function describe(one: ListedSuppression, isAddressShown: boolean) {
  const address = one.address === null || isAddressShown ? one.address : maskAddress(one.address);
  return { ...one, address, words: suppressionWords[one.reason], by: sourceWords[one.source] };
}
