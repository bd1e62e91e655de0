import type { Config } from '../../platform/config.js';

/** The inbox and the demo ask nobody who she is, so they are shown to this machine only. */
export function isLocalOnly({ production, host }: Config): boolean {
  return !production && /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}
