import { isIP } from 'node:net';

/** Of whom a passkey is: it works for this host name alone, and only from this origin. */
export type PasskeySite = { rpId: string; origin: string };

/**
 * The site that passkeys belong to. Undefined where browsers offer none: they need a host name, and https but on this computer
 * (Web Authentication, Level 3, sections 5.1.3 and 13.1).
 */
export function passkeySiteOf(publicUrl: string): PasskeySite | undefined {
  const { hostname, origin, protocol } = new URL(publicUrl);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  return protocol === 'https:' || isLocal ? { rpId: hostname, origin } : undefined;
}
