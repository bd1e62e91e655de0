import type { Forecast } from '../../../deliveries/plan/forecast.js';

/** How many readers a forecast found, in words. */
export function countReaders({ readers, more }: Forecast): string {
  return `${more ? 'at least ' : ''}${readers} ${readers === 1 ? 'reader' : 'readers'}`;
}
