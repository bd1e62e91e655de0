import { domainOf } from '../platform/mail/address.js';
import type { SettingsChange } from './publication.js';

type RecordedValue = string | number | boolean | string[] | null;

/** `contact` may be a page. */
const ADDRESSES = ['fromAddress', 'noticeAddress', 'replyTo', 'contact'];

/** Settings as history keeps them: of a mail address the domain, of the welcome words how many characters they have. */
export function recordedSettings(settings: SettingsChange): Record<string, RecordedValue> {
  const given = Object.entries(settings).flatMap(([name, value]): [string, RecordedValue][] =>
    value === undefined ? [] : [[name, recordedValue(name, value)]],
  );
  return Object.fromEntries(given);
}

function recordedValue(name: string, value: RecordedValue): RecordedValue {
  if (typeof value !== 'string') return value;
  if (ADDRESSES.includes(name) && value.includes('@')) return domainOf(value);
  return name === 'welcomeText' ? value.length : value;
}
