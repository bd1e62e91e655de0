import type { Forecast } from '../deliveries/forecast.js';

/** How many readers a forecast found, in words. */
export function readersOf({ readers, more }: Forecast): string {
  return `${more ? 'at least ' : ''}${readers} ${readers === 1 ? 'reader' : 'readers'}`;
}
