import type { Response } from 'express';
import { listArchivePages } from '../../../digests/archive/pages.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { withTitle } from '../digest-title.js';
import { readHostedFormOptions } from './hosted-form-options.js';
import type { ChosenOptions } from './form-options.js';
import type { FieldError } from './form-schema.js';
import { showPublicationArchived } from '../shared-pages.js';

const MAX_LATEST_DIGESTS = 5;
const NO_DIGESTS = { pages: [] };

/** Shows the sign-up page, with the latest digests below the form where the archive is public. */
export async function showSignUpPage(
  context: Pick<Context, 'db' | 'links' | 'templates' | 'now'>,
  res: Response,
  publication: Publication,
  form: {
    status: number;
    email: string;
    source: string;
    errors: FieldError[];
    chosen?: ChosenOptions;
    formTime?: string | undefined;
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
