import type { PeriodicCadence } from './period.js';

/** How many readers are due at a moment, and which digest they will be in. */
export type DueCount = {
  cadence: PeriodicCadence;
  period: string;
  dueAt: Date;
  /** When the period has ended in the last time zone. */
  closesAt: Date;
  readers: number;
};
