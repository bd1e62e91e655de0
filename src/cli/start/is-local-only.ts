import type { Config } from '../../platform/config.js';

/** Whether no other machine can connect. The inbox and the demo have no sign-in, so they exist only then. */
export function isLocalOnly({ production, host }: Config): boolean {
  return !production && /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}
