import type { EventClass, EventScope, EventSource } from './event.js';

export const eventClasses = [
  'hard',
  'soft',
  'sender-fault',
  'delayed',
  'complaint',
  'unsubscribe',
  'auto-reply',
  'none',
] as const satisfies readonly EventClass[];

export const eventScopes = ['mailbox', 'domain', 'us'] as const satisfies readonly EventScope[];

export const eventSources = [
  'smtp',
  'imap',
  'file',
  'ses',
  'mailgun',
  'postmark',
  'sendgrid',
  'brevo',
] as const satisfies readonly EventSource[];

export const eventMatches = [
  'delivery',
  'notice',
  'unknown',
  'too-late',
  'other-recipient',
  'no-recipient',
] as const;

/** What an event is about, or why it changes nothing. */
export type EventMatch = (typeof eventMatches)[number];
