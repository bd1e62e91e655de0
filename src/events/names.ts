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
