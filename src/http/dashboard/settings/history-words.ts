import type { NamedActivity } from '../../../operators/activity/activity.js';
import type { ActivityKind } from '../../../operators/activity/kinds.js';
import { redactAddresses } from '../../../platform/text/redact.js';
import type { Field } from './field.js';

/** One field of a change, as it was and as it is. `was` null: history does not have it. */
export type ShownChange = { label: string; was: string | null; is: string };

/** Of these the sentence says all there is. */
const SAID: ReadonlySet<ActivityKind> = new Set([
  'attack.changed',
  'feed.moved',
  'operator.administrator-changed',
  'operator.role-changed',
]);

/** Of these history has only how they are. */
const ADDED: ReadonlySet<ActivityKind> = new Set([
  'digest.held',
  'publication.created',
  'subscription.confirmed',
]);

/** Fields whose row has the length of a text, and those of which it has the domain of an address. */
const LENGTHS: ReadonlySet<string> = new Set(['welcomeText', 'summary', 'content']);
const DOMAINS: ReadonlySet<string> = new Set(['fromAddress', 'replyTo', 'noticeAddress']);

/** What history calls fields, and how it writes what they are set to. */
export type FieldWords = { nameField(name: string): string; write(name: string, value: unknown): string };

/** @param fields of the pages of settings: history calls them as those do */
export function fieldWords(fields: readonly Field[], formatTime: (at: Date) => string): FieldWords {
  const known = new Map<string, Field>(fields.map((field) => [field.name, field]));
  return {
    nameField: (name) => known.get(name)?.label ?? spell(name),
    write: (name, value) => {
      const option = known.get(name)?.options?.find((one) => one.value === String(value));
      return option?.label ?? writeValue(name, value, formatTime);
    },
  };
}

/** What differs, field by field; empty where the sentence says it all. */
export function showChanges({ kind, before, after }: NamedActivity, words: FieldWords): ShownChange[] {
  const isShown = ADDED.has(kind) || (before !== null && after !== null && !SAID.has(kind));
  if (!isShown || after === null) return [];
  const was = (ADDED.has(kind) ? {} : (before ?? {})) as Record<string, unknown>;
  return Object.entries(after).map(([name, value]) => ({
    label: words.nameField(name),
    was: name in was ? words.write(name, was[name]) : null,
    is: words.write(name, value),
  }));
}

/** Without any address: an operator without a name is called by what stands before the @ of hers. */
export function withoutAddresses(activity: NamedActivity): NamedActivity {
  const { actor, subjectName, subjectType } = activity;
  const name = actor.kind === 'operator' ? callOperator(actor.name) : hideAddresses(actor.name);
  const subject = subjectType === 'operator' ? callOperator(subjectName) : hideAddresses(subjectName);
  return { ...activity, actor: { ...actor, name }, subjectName: subject };
}

/** @param name or the address, where there is none */
export function callOperator(name: string | null): string | null {
  return hideAddresses(/^[^@\s]+(?=@[^@\s]+$)/.exec(name ?? '')?.[0] ?? name);
}

function hideAddresses(name: string | null): string | null {
  return name === null ? null : redactAddresses(name);
}

function writeValue(name: string, value: unknown, formatTime: (at: Date) => string): string {
  if (value === null || value === '') return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).join(', ');
  if (typeof value === 'number' && LENGTHS.has(name)) return `a text of ${value} characters`;
  if (typeof value === 'string' && DOMAINS.has(name)) return `an address at ${value}`;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return formatTime(new Date(value));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `atMostDaily` as in “At most daily”. */
function spell(name: string): string {
  const words = name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
