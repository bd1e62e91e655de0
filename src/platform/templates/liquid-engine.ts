import { Liquid } from 'liquidjs';
import { textDirection } from '../text/direction.js';
import type { Translations } from '../text/translations.js';
import { registerFilters } from './filters.js';

export type TemplateData = Record<string, unknown>;

export type RenderTemplate = (name: string, locale: string, data: TemplateData, globals?: object) => string;

export type EngineOptions = {
  words: Translations;
  assetPath: (file: string) => string;
  basePath: string;
  escaping: boolean;
};

/** Of templates that may have mistakes: `names` are parsed at once, and one that cannot be throws what `onUnparsed` makes of it. */
export type ParsedAtOnce = { names: string[]; onUnparsed: (name: string, error: unknown) => Error };

/**
 * Makes a Liquid engine for templates in memory. It reads no files and no inherited properties, limits a template's work, and
 * throws for an undefined variable. A template is parsed when it is first rendered, since a process needs a few of hundreds.
 */
export function createLiquidEngine(
  templates: Record<string, string>,
  { words, assetPath, basePath, escaping }: EngineOptions,
  atOnce?: ParsedAtOnce,
): RenderTemplate {
  const liquid = new Liquid({
    templates,
    cache: true,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    parseLimit: 1_000_000,
    renderLimit: 5_000,
    memoryLimit: 100_000_000,
    ...(escaping ? { outputEscape: 'escape' as const } : {}),
  });
  registerFilters(liquid, { words, assetPath });
  if (atOnce !== undefined) parseTemplates(liquid, atOnce);
  return (name, locale, data, globals = {}) => {
    const forAll = { base: basePath, locale, dir: textDirection(locale) };
    return String(liquid.renderFileSync(name, data, { globals: { ...globals, ...forAll } }));
  };
}

function parseTemplates(liquid: Liquid, { names, onUnparsed }: ParsedAtOnce): void {
  for (const name of names)
    try {
      liquid.parseFileSync(name);
    } catch (error) {
      throw onUnparsed(name, error);
    }
}
