import type { Response } from 'express';
import { z } from 'zod';
import { listArchivePages } from '../../../digests/archive/pages.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { withTitle } from '../digest-title.js';
import { readHostedFormOptions } from './hosted-form-options.js';
import type { ChosenOptions } from './form-options.js';
import { showPublicationArchived } from '../token-pages.js';

/** One line that Postgres can hold: control characters and half pairs of surrogates are refused at the edge (S36). */
const textLine = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);
/** What our own pages add to help her. When it does not fit, she signs up without it. */
const optionalLine = (most: number) => textLine(most).optional().catch(undefined);

/** What the form, the embed and programs may send. Unknown fields are ignored: a publisher's form may have its own. */
export const signUpFormSchema = z.object({
  email: z.string().default(''),
  cadence: textLine(20).optional(),
  timezone: textLine(60).optional(),
  topics: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(textLine(60)).max(30))
    .default([]),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional()
    .catch(undefined),
  source: optionalLine(2000),
  website: z.string().default(''),
  /** `yes`: she has been asked whether she meant another domain, and did not. */
  keep: optionalLine(20),
  /** When our own page was made, sealed. */
  form: optionalLine(200),
  /** `ask`, or the work that was asked for. */
  proof: optionalLine(4000),
});

export type SignUpForm = z.infer<typeof signUpFormSchema>;

export type FieldError = { field: 'email' | 'website'; message: string; suggestion?: string };

/** Sent newsletters on the sign-up page. */
const MAX_LATEST_DIGESTS = 5;
const NO_DIGESTS = { pages: [] };

/** The sign-up page, with the latest newsletters under it, where they are for everybody. */
export async function showSignUpPage(
  context: Pick<Context, 'db' | 'links' | 'templates' | 'now'>,
  res: Response,
  publication: Publication,
  form: {
    status: number;
    email: string;
    source: string;
    errors: FieldError[];
    wishes?: ChosenOptions;
    sent?: string | undefined;
  },
): Promise<void> {
  const { db, templates } = context;
  if (publication.archivedAt !== null) return showPublicationArchived({ templates }, res, publication);
  const latest =
    publication.archive === 'public'
      ? await listArchivePages({ db }, publication.id, { limit: MAX_LATEST_DIGESTS })
      : NO_DIGESTS;
  const data = {
    publication,
    offer: await readHostedFormOptions(context, publication, form),
    ...form,
    pages: latest.pages.map((one) => withTitle(templates, publication, one)),
  };
  res
    .status(form.status)
    .type('html')
    .send(templates.page('sign-up', publication.locale, data));
}
