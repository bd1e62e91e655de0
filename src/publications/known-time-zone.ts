import { usableTimeZone } from '../platform/text/time-zone.js';
import type { Publication } from './publication.js';

/** For what operators read, which must tell them also of a time zone that is not valid: then times are in UTC. */
export function withKnownTimeZone(publication: Publication): Publication {
  return { ...publication, timezone: usableTimeZone(publication.timezone) };
}
