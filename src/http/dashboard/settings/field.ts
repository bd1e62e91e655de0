import { mistakeWords } from '../../../platform/text/describe-mistakes.js';
import { settingsSchema, type Publication, type SettingsChange } from '../../../publications/publication.js';

export type SettingName = keyof SettingsChange;

/** How a setting looks in a form. `lines`: a list, one a line; `words`: text of several lines. */
export type Field = {
  name: SettingName;
  label: string;
  help?: string;
  kind: 'text' | 'email' | 'url' | 'number' | 'lines' | 'words' | 'choice' | 'zone' | 'colour';
  options?: readonly Option[];
};

export type Option = { value: string; label: string };

/** Fields under one heading. */
export type FieldGroup = { id: string; heading: string; about?: string; fields: readonly Field[] };

/** What a form shows for a setting: text, as somebody would type it. */
export function settingToText({ name }: Pick<Field, 'name'>, publication: Publication): string {
  const value = publication[name];
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join('\n') : String(value);
}

export type ParsedSetting = { kind: 'setting'; value: unknown } | { kind: 'mistake'; words: string };

/** What was typed, by the rules of the API and the command line. `words` follow the name of the field. */
export function parseSetting({ name, kind }: Pick<Field, 'name' | 'kind'>, text: string): ParsedSetting {
  const typed = kind === 'lines' ? linesOf(text) : text.trim();
  const schema = settingsSchema.shape[name];
  const given = typed === '' && schema.safeParse(null).success ? null : typed;
  const parsed = schema.safeParse(given, { error: mistakeWords });
  if (parsed.success) return { kind: 'setting', value: parsed.data };
  const [issue] = parsed.error.issues;
  const [place] = issue?.path ?? [];
  const of = Array.isArray(given) && typeof place === 'number' ? ` “${given[place]}”` : '';
  return {
    kind: 'mistake',
    words: `${of === '' ? '' : `has${of}, which `}${issue?.message ?? 'cannot be used'}`,
  };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
