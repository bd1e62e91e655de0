import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmailEngines } from './render-email.js';
import { UserFacingError } from '../user-facing-error.js';
import { createLiquidEngine, type EngineOptions, type RenderTemplate } from './liquid-engine.js';
import { readTemplates } from './files.js';

/** `dir` has publishers' own templates; `onFailure` is called when one fails while it is rendered. */
export type CustomTemplates = {
  dir: string;
  onFailure: (slug: string, mail: string, error: unknown) => void;
};

type BuiltInTemplates = {
  sources: Record<string, string>;
  css: string;
  engine: Omit<EngineOptions, 'escaping'>;
};

/**
 * Reads custom templates, `<dir>/<slug>/emails/…`, by the slug of their publication. Each replaces the built-in one of the same
 * name.
 * @throws UserFacingError for a file that does not parse, or for which there is no built-in one
 */
export function readCustomTemplates(dir: string, builtIn: BuiltInTemplates): Map<string, EmailEngines> {
  if (!existsSync(dir)) return new Map();
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(folders.map(({ name: slug }) => [slug, createCustomEngines(join(dir, slug), builtIn)]));
}

function createCustomEngines(dir: string, { sources, css, engine }: BuiltInTemplates): EmailEngines {
  const custom = readTemplates(dir);
  for (const name of Object.keys(custom))
    if (!isKnownTemplate(name, sources)) throw unknownTemplateError(dir, name);
  const all = { ...sources, ...custom };
  const parsedAtOnce = {
    names: Object.keys(custom),
    onUnparsed: (name: string, error: unknown) => invalidTemplateError(dir, name, error),
  };
  const open = (escaping: boolean): RenderTemplate =>
    createLiquidEngine(all, { ...engine, escaping }, parsedAtOnce);
  const customCss = join(dir, 'emails', 'mail.css');
  return {
    html: open(true),
    plain: open(false),
    css: existsSync(customCss) ? readFileSync(customCss, 'utf8') : css,
  };
}

/** Partials may have any name: custom templates render them. */
function isKnownTemplate(name: string, sources: Record<string, string>): boolean {
  return name.startsWith('emails/') && (name in sources || name.startsWith('emails/partials/'));
}

function unknownTemplateError(dir: string, name: string): UserFacingError {
  return new UserFacingError(
    `${join(dir, name)}.liquid stands for none of our mails' templates. Rename it like one of those in templates/emails, or remove it.`,
  );
}

function invalidTemplateError(dir: string, name: string, error: unknown): UserFacingError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserFacingError(
    `${join(dir, name)}.liquid is no template that can be used: ${why}. Mend it or remove it.`,
  );
}
