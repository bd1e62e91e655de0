import type { Config } from '../platform/config.js';

/** Reads the settings once, when a command needs them: `--help` works without. */
export type ReadConfig = () => Config;
