import type { Publication, SettingsChange } from '../../../publications/publication.js';
import { parseSetting, settingToText, type Field, type SettingName } from './field.js';

/** A field as a page shows it. */
export type ShownField = Field & {
  value: string;
  /** The value in the database when the page was made: it travels with the form. */
  seen: string;
  /** A sentence under the field; null: nothing is wrong with it. */
  mistake: string | null;
};

export type MergedForm = {
  fields: ShownField[];
  /** What the sender of the form changed, unless there is a mistake or a clash. */
  change: SettingsChange;
  /** What somebody else changed meanwhile, and the sender did not. */
  changedByOthers: SettingName[];
};

/** The name of the hidden field that says what a page showed. */
const seenName = (name: SettingName) => `seen.${name}`;

/** A form as it is shown first. */
export function showFields(fields: readonly Field[], publication: Publication): ShownField[] {
  return fields.map((field) => {
    const value = settingToText(field, publication);
    return { ...field, value, seen: value, mistake: null };
  });
}

/**
 * What was sent, beside what its sender saw and what is there now. What the sender left as it was is not set: somebody else may
 * have changed it since. What both changed is a clash: the sender's words stay in the field, and the sentence under it has
 * the other ones.
 */
export function mergeForm(
  fields: readonly Field[],
  body: Readonly<Record<string, string>>,
  publication: Publication,
): MergedForm {
  const merged: MergedForm = { fields: [], change: {}, changedByOthers: [] };
  for (const field of fields) {
    const { shown, change, byOthers } = mergeField(field, body, settingToText(field, publication));
    merged.fields.push(shown);
    Object.assign(merged.change, change);
    if (byOthers) merged.changedByOthers.push(field.name);
  }
  return merged;
}

type MergedField = { shown: ShownField; change?: SettingsChange; byOthers: boolean };

function mergeField(field: Field, body: Readonly<Record<string, string>>, current: string): MergedField {
  const typed = body[field.name] ?? current;
  const seen = body[seenName(field.name)] ?? current;
  const show = (value: string, mistake: string | null) => ({ ...field, value, seen: current, mistake });
  const byOthers = seen !== current;
  if (typed === seen || typed === current) return { shown: show(current, null), byOthers };
  const parsed = parseSetting(field, typed);
  if (parsed.kind === 'mistake')
    return { shown: show(typed, `${field.label} ${parsed.words}.`), byOthers: false };
  if (byOthers) return { shown: show(typed, describeClash(field, current)), byOthers: false };
  return { shown: show(typed, null), change: { [field.name]: parsed.value }, byOthers: false };
}

function describeClash({ label, options }: Field, current: string): string {
  const theirs = options?.find(({ value }) => value === current)?.label ?? current;
  const what = theirs === '' ? 'emptied it' : `changed it to “${theirs.replaceAll('\n', ', ')}”`;
  return `${label}: somebody else ${what} while this page was open. Save again to put yours in its place.`;
}

export function hasMistake({ fields }: Pick<MergedForm, 'fields'>): boolean {
  return fields.some(({ mistake }) => mistake !== null);
}
