import { z } from 'zod';
import { kind, moment } from '../kind.js';

const state = z.string().meta({
  description:
    '`waiting`, `held` or `released`; of a new one `skipped` where it is in a category that is never emailed.',
});
const reason = z.string().meta({ description: 'The code of the hold.' });

const words = z.object({
  title: z.string().optional(),
  url: z.string().nullable().optional(),
  summary: z.int().optional().meta({ description: 'How many characters it has.' }),
  content: z.int().optional().meta({ description: 'How many characters it has, as HTML.' }),
  authors: z.array(z.string()).optional(),
  image: z.string().nullable().optional(),
  categories: z.array(z.string()).optional(),
  publishedAt: moment.nullable().optional(),
});

/** Articles, and the holds that one decision is for. */
export const articleKinds = {
  'article.added': kind('article', 'An article came, by a feed, the API or the command line.', {
    after: z.object({ state, reason: reason.optional(), holdId: z.uuid().optional() }),
  }),
  'article.approved': kind('article', 'It may go out now, past hold rules and hold window.'),
  'article.released': kind('article', 'It is due to readers from this moment on.', {
    after: z.object({ number: z.int().meta({ description: 'Its number in the publication.' }) }),
  }),
  'article.held': kind('article', 'It was stopped, by hand or by a rule, after it had come.', {
    after: z.object({ reason, holdId: z.uuid() }),
  }),
  'article.freed': kind('article', 'It was changed so that it is not held any more.', {
    before: z.object({ reason }),
  }),
  'article.skipped': kind('article', 'It counts as already sent.'),
  'article.corrected': kind(
    'article',
    'It was corrected; a feed’s corrections of the text alone are not kept.',
    {
      before: words,
      after: words,
    },
  ),
  'article.retracted': kind('article', 'It was taken back.', { before: z.object({ state }) }),
  'article.restored': kind('article', 'It was brought back after it had been taken back.', {
    after: z.object({ state }),
  }),
  'article.vanished': kind('article', 'Its feed does not show it any more, before it was released.'),
  'article.reappeared': kind('article', 'Its feed shows it again.', { after: z.object({ state }) }),
  'article-hold.decided': kind('article-hold', 'It was decided which of the articles held together go out.', {
    after: z.object({ released: z.int(), skipped: z.int() }),
  }),
};
