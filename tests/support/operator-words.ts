import { loadTranslations } from '../../src/platform/text/translations.js';

/** What operators read, by key. */
export const { operatorWords } = loadTranslations('templates/locales');
