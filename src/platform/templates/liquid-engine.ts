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

/**
 * Makes a Liquid engine for templates in memory. It reads no files and no inherited properties, limits a template's work, and
 * throws for an undefined variable.
 * @throws when a template does not parse, with the error of `onUnparsed` if that is given
 */
export function createLiquidEngine(
  templates: Record<string, string>,
  { words, assetPath, basePath, escaping }: EngineOptions,
  onUnparsed?: (name: string, error: unknown) => Error,
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
  for (const name of Object.keys(templates)) parseTemplate(liquid, name, onUnparsed);
  return (name, locale, data, globals = {}) => {
    const forAll = { base: basePath, locale, dir: textDirection(locale) };
    return String(liquid.renderFileSync(name, data, { globals: { ...globals, ...forAll } }));
  };
}

function parseTemplate(
  liquid: Liquid,
  name: string,
  onUnparsed?: (name: string, error: unknown) => Error,
): void {
  try {
    liquid.parseFileSync(name);
  } catch (error) {
    throw onUnparsed?.(name, error) ?? error;
  }
}
