import { z } from 'zod';
import { formatChoices, type ReaderKind } from '../../../../deliveries/preview/source.js';

const lookSchema = z.object({
  view: z.enum(['html', 'text', 'source']).catch('html'),
  width: z.enum(['phone', 'desktop']).catch('desktop'),
  theme: z.enum(['light', 'dark']).catch('light'),
  pictures: z.enum(['on', 'off']).catch('on'),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,8}(-[A-Za-z\d]{1,8})*$/)
    .max(35)
    .optional()
    .catch(undefined),
  format: z.enum(formatChoices).optional().catch(undefined),
  topic: z.string().min(1).max(60).optional().catch(undefined),
  list: z.uuid().optional().catch(undefined),
  reader: z.uuid().optional().catch(undefined),
});

/** How a mail is looked at, as the address bar says it; what cannot be used is as if it were not there. */
export type Look = z.infer<typeof lookSchema>;

export function readLook(query: unknown): Look {
  return lookSchema.parse(query);
}

const USUAL: Look = readLook({});

/** The query that says it, beginning with `?`; empty for the usual look. */
export function lookQuery(look: Look): string {
  const names = Object.keys(look) as (keyof Look)[];
  const query = new URLSearchParams();
  for (const name of names) {
    const value = look[name];
    if (value !== undefined && value !== USUAL[name]) query.set(name, value);
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** As which kind of reader. */
export function kindOf({ language, format, topic, list }: Look): ReaderKind {
  return { locale: language, format, topic, list };
}

/** A mail's HTML as a mail program in that theme shows it: browsers know only their own. */
export function withTheme(html: string, theme: Look['theme']): string {
  const isDark = theme === 'dark';
  return html
    .replaceAll(/\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi, isDark ? '(min-width:0)' : '(max-width:0)')
    .replace(/(<meta name="color-scheme" content=")[^"]*/i, `$1${theme}`);
}

/** As a mail program that loads no pictures shows it. */
export function withoutPictures(html: string): string {
  return html.replaceAll(/(<img\b[^>]*?)\s(?:src|srcset)="[^"]*"/gi, '$1');
}
