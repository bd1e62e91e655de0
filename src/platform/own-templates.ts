import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmailTools } from './email-templates.js';
import { ExplainedError } from './explained-error.js';
import { createEngine, type EngineOptions, type Render } from './template-engine.js';
import { readTemplates } from './template-files.js';

/** Where publishers keep templates of their own, and who hears of one that fails when it is used. */
export type OwnTemplates = { dir: string; onTrouble: (slug: string, mail: string, error: unknown) => void };

type Ours = { sources: Record<string, string>; css: string; engine: Omit<EngineOptions, 'escaping'> };

/**
 * Mails of publications that have templates of their own, by slug: `<dir>/<slug>/emails/…`, with our names. A file that
 * is not there is ours.
 * @throws ExplainedError for a file that does not parse or stands for none of ours
 */
export function readOwnTemplates(dir: string, ours: Ours): Map<string, EmailTools> {
  if (!existsSync(dir)) return new Map();
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(folders.map(({ name: slug }) => [slug, toolsOf(join(dir, slug), ours)]));
}

function toolsOf(dir: string, { sources, css, engine }: Ours): EmailTools {
  const own = readTemplates(dir);
  for (const name of Object.keys(own)) if (!isKnown(name, sources)) throw stranger(dir, name);
  const all = { ...sources, ...own };
  const open = (escaping: boolean): Render =>
    createEngine(all, { ...engine, escaping }, (name, error) => unusable(dir, name, error));
  const ownCss = join(dir, 'emails', 'mail.css');
  return {
    html: open(true),
    plain: open(false),
    css: existsSync(ownCss) ? readFileSync(ownCss, 'utf8') : css,
  };
}

/** Partials may be new: templates of a publisher's own call them. */
function isKnown(name: string, sources: Record<string, string>): boolean {
  return name.startsWith('emails/') && (name in sources || name.startsWith('emails/partials/'));
}

function stranger(dir: string, name: string): ExplainedError {
  return new ExplainedError(
    `${join(dir, name)}.liquid stands for none of our mails' templates. Rename it like one of those in templates/emails, or remove it.`,
  );
}

function unusable(dir: string, name: string, error: unknown): ExplainedError {
  const why = error instanceof Error ? error.message : String(error);
  return new ExplainedError(
    `${join(dir, name)}.liquid is no template that can be used: ${why}. Mend it or remove it.`,
  );
}
