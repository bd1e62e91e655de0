import type { Config } from '../platform/config.js';

/** Reads the settings when a command needs them, so that `--help` works without any. */
export type ReadConfig = () => Config;
