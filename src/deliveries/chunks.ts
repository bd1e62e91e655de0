/** Rows read, locked and planned in one go: a fraction of a second of work, and of memory. */
export const CHUNK_SIZE = 1000;

/** Every id comes after it: where a pass in id order begins. */
export const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
