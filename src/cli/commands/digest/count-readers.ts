import type { Forecast } from '../../../deliveries/plan/forecast.js';
import { countNoun } from '../../../platform/text/count-noun.js';

/** How many readers a forecast found, in words. */
export function countReaders({ readers, more }: Forecast): string {
  return `${more ? 'at least ' : ''}${countNoun(readers, 'reader')}`;
}
