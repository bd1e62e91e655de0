import { z } from 'zod';
import { kind, moment } from '../kind.js';

const status = z.object({ status: z.string() });

const choices = z.object({
  cadence: z.string().optional(),
  hour: z.int().optional(),
  weekday: z.int().optional(),
  dayOfMonth: z.int().optional(),
  timezone: z.string().optional(),
  topics: z.array(z.string()).optional(),
  locale: z.string().optional(),
  format: z.string().nullable().optional(),
  withoutPictures: z.boolean().optional(),
  atMostDaily: z.boolean().optional(),
});

const suppressed = z.object({
  reason: z.string().meta({ description: '`never`, `bounced`, `complained`, `operator` or `erased`.' }),
  everywhere: z.boolean().meta({ description: 'For all publications.' }),
  domain: z.string().optional().meta({ description: 'All addresses there.' }),
  note: z.string().optional().meta({ description: 'Why, in the words of an operator.' }),
});

const decided = z.object({
  count: z.int(),
  reason: z.string().optional().meta({ description: 'Where all with one reason were decided on.' }),
});

const cause = z.object({ cause: z.string().meta({ description: '`flood`, `refusals` or `by-hand`.' }) });

/** Subscriptions, what keeps mail from an address, and sign-ups. A form that nobody confirms leaves no row. */
export const readerKinds = {
  'subscription.confirmed': kind('subscription', 'A reader confirmed, with these choices.', {
    before: status,
    after: choices,
  }),
  'subscription.confirmation-taken-back': kind(
    'subscription',
    'A program had pressed the button of a confirmation: it is as it was before.',
    { before: status, after: status },
  ),
  'subscription.changed': kind('subscription', 'Choices were changed.', { before: choices, after: choices }),
  'subscription.paused': kind('subscription', 'It is paused, or gets another end of its pause.', {
    after: z.object({
      until: moment.nullable().meta({ description: 'Null: until she resumes.' }),
      catchUp: z.boolean().meta({ description: 'What is released meanwhile comes afterwards.' }),
    }),
  }),
  'subscription.resumed': kind('subscription', 'Its pause ended.'),
  'subscription.unsubscribed': kind('subscription', 'It ended.', { before: status }),
  'subscription.restored': kind('subscription', 'Its end was undone.', { after: status }),
  'subscription.blocked': kind('subscription', '“Never email me”: it ended, and the address is not mailed.', {
    before: status,
  }),
  'subscription.unblocked': kind('subscription', '“Never email me” was undone.'),
  'subscription.address-changed': kind('subscription', 'It moved to another address, which had confirmed.', {
    after: z.object({
      mergedInto: z.uuid().optional().meta({ description: 'That address had a subscription, which stays.' }),
    }),
  }),
  'subscription.address-returned': kind('subscription', 'A change of address was taken back.'),
  'subscription.replaced': kind('subscription', 'It had ended or waited, and made room for another one.', {
    after: z.object({ by: z.uuid() }),
  }),
  'subscription.erased': kind('subscription', 'The reader was erased.', { before: status }),
  'subscription.exported': kind('subscription', 'Readers were taken out as a file.', {
    after: z.object({ isFiltered: z.boolean().meta({ description: 'Not all of them.' }) }),
  }),
  'suppression.added': kind('suppression', 'An address, or a domain, is not mailed from now on.', {
    after: suppressed,
  }),
  'suppression.lifted': kind('suppression', 'An address, or a domain, may be mailed again.', {
    before: suppressed,
  }),
  'suppression.file-added': kind('suppression', 'The addresses of a file are not mailed from now on.', {
    after: z.object({
      added: z.int(),
      present: z.int().meta({ description: 'They were not mailed before.' }),
      unreadable: z.int().meta({ description: 'Lines.' }),
      everywhere: z.boolean().meta({ description: 'For all publications.' }),
      note: z.string(),
    }),
  }),
  'suppression.exported': kind('suppression', 'The list of who is not mailed was taken out as a file.'),
  'import.added': kind('import', 'Readers of another product were added; how many of each kind.', {
    after: z.object({
      product: z.string(),
      added: z.int(),
      asked: z.int().meta({ description: 'Are asked to confirm.' }),
      optedOut: z.int().meta({ description: 'Came in as who had left.' }),
      left: z.int().meta({ description: 'Read here, had left there, and were unsubscribed.' }),
      doNotMail: z.int().meta({ description: 'Had bounced, complained or been blocked there.' }),
    }),
  }),
  'import.started': kind('import', 'Readers who were added are mailed from this moment on.', {
    after: z.object({
      product: z.string(),
      at: moment,
      perDay: z.int().nullable().meta({ description: 'On the first day; null: all at once.' }),
    }),
  }),
  'import.stopped': kind('import', 'No more of the readers who were added are mailed.', {
    after: z.object({
      product: z.string(),
      reason: z.string().meta({ description: '`bounces` or `operator`.' }),
    }),
  }),
  'import.undone': kind('import', 'Readers who were added were taken back; how many.', {
    after: z.object({
      product: z.string(),
      takenBack: z.int(),
      tombstones: z.int().meta({ description: 'Had been mailed: their links still lead somewhere.' }),
      kept: z.int().meta({ description: 'Had changed something since: they stay.' }),
    }),
  }),
  'sign-up-hold.released': kind('sign-up-hold', 'Held sign-ups go on; how many.', { after: decided }),
  'sign-up-hold.deleted': kind('sign-up-hold', 'Held sign-ups were deleted; how many.', { after: decided }),
  'attack.started': kind('attack', 'Forms ask for a proof of work first.', { after: cause }),
  'attack.changed': kind('attack', 'An operator keeps that on by hand.', { before: cause, after: cause }),
  'attack.ended': kind('attack', 'Forms ask for no proof of work any more.', { before: cause }),
};
