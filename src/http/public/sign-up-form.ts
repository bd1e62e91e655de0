import type { Response } from 'express';
import { z } from 'zod';
import { readArchive } from '../../digests/archive.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { titled } from './archive-title.js';
import { ownOffer } from './own-offer.js';
import type { Wishes } from './sign-up-offer.js';
import { showArchived } from './token-pages.js';

/** One line that Postgres can hold: control characters and half pairs of surrogates are refused at the edge (S36). */
const line = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);
/** What our own pages add to help her. When it does not fit, she signs up without it. */
const extra = (most: number) => line(most).optional().catch(undefined);

/** What the form, the embed and programs may send. Unknown fields are ignored: a publisher's form may have its own. */
export const formSchema = z.object({
  email: z.string().default(''),
  cadence: line(20).optional(),
  timezone: line(60).optional(),
  topics: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(line(60)).max(30))
    .default([]),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional()
    .catch(undefined),
  source: extra(2000),
  website: z.string().default(''),
  /** `yes`: she has been asked whether she meant another domain, and did not. */
  keep: extra(20),
  /** When our own page was made, sealed. */
  form: extra(200),
  /** `ask`, or the work that was asked for. */
  proof: extra(4000),
});

export type Form = z.infer<typeof formSchema>;

export type FieldError = { field: 'email' | 'website'; message: string; suggestion?: string };

/** Sent newsletters on the sign-up page. */
const LATEST = 5;
const NOTHING = { pages: [] };

/** The sign-up page, with the latest newsletters under it, where they are for everybody. */
export async function showForm(
  context: Pick<Context, 'db' | 'links' | 'templates' | 'now'>,
  res: Response,
  publication: Publication,
  form: {
    status: number;
    email: string;
    source: string;
    errors: FieldError[];
    wishes?: Wishes;
    sent?: string | undefined;
  },
): Promise<void> {
  const { db, templates } = context;
  if (publication.archivedAt !== null) return showArchived({ templates }, res, publication);
  const latest =
    publication.archive === 'public' ? await readArchive({ db }, publication.id, { limit: LATEST }) : NOTHING;
  const data = {
    publication,
    offer: await ownOffer(context, publication, form),
    ...form,
    pages: latest.pages.map((one) => titled(templates, publication, one)),
  };
  res
    .status(form.status)
    .type('html')
    .send(templates.page('sign-up', publication.locale, data));
}
