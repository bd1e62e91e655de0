import { z } from 'zod';
import { kind } from '../kind.js';

const target = z.object({
  cadence: z
    .string()
    .nullable()
    .meta({ description: 'Of the digest that it is for; null: an email of its own.' }),
  period: z.string().nullable().meta({ description: 'Of that digest; null: the next of the rhythm.' }),
});

const digest = z.object({ digestId: z.uuid() });

/** What is written for digests. None of the words are in a row. */
export const draftKinds = {
  'draft.written': kind('draft', 'Somebody began to write for a digest, or an email of its own.', {
    after: target,
  }),
  'draft.changed': kind('draft', 'It says something else; an approval is taken back.', {
    after: z.object({ version: z.int(), fields: z.array(z.string()) }),
  }),
  'draft.moved': kind('draft', 'It is for another digest.', { before: target, after: target }),
  'draft.approved': kind('draft', 'Its digest goes with it.', { after: z.object({ version: z.int() }) }),
  'draft.used': kind('draft', 'A digest has its words and choices.', { after: digest }),
  'draft.missed': kind('draft', 'A digest went without it: nobody had approved it in time.', {
    after: digest,
  }),
  'draft.taken-back': kind('draft', 'It is not approved any more.', {
    before: z.object({
      digestId: z.uuid().nullable().meta({ description: 'The digest that had it, where there was one.' }),
    }),
  }),
  'draft.discarded': kind('draft', 'Nobody is mailed it.'),
};
