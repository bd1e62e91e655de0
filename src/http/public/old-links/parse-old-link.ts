import type { Request } from 'express';
import {
  ghostLink,
  listmonkLink,
  mailpoetClick,
  mailpoetLink,
  type OldLinkName,
} from '../../../subscribers/old-links/old-link.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HEX_KEY = /^[0-9a-f]{64}$/i;
/** What is longer is no link that a product made. */
const MAX_DATA_LENGTH = 2000;

/** `unknown`: it has the form of that product's links, and names nobody in a way that we can read. */
export type ParsedOldLink = { kind: 'named'; name: OldLinkName } | { kind: 'unknown' };

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The parameters of an address, of which scripts and proxies may have made anything. */
export function queryOf(req: Request): URLSearchParams {
  const at = req.url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : req.url.slice(at + 1));
}

export function parseListmonkLink(subscriber: string): ParsedOldLink {
  return isUuid(subscriber) ? { kind: 'named', name: listmonkLink(subscriber) } : { kind: 'unknown' };
}

export function parseGhostLink(query: URLSearchParams): ParsedOldLink {
  const [uuid, key, newsletter] = ['uuid', 'key', 'newsletter'].map((name) => query.get(name) ?? '');
  if (uuid === undefined || !isUuid(uuid)) return { kind: 'unknown' };
  const known = HEX_KEY.test(key ?? '') ? (key ?? null) : null;
  return { kind: 'named', name: ghostLink(uuid, known, newsletter === '' ? null : (newsletter ?? null)) };
}

/** `data` is JSON in base64 without its padding: `{"token", "email"}`, or of a counted click `[id, token, …]`. */
export function parseMailpoetLink(query: URLSearchParams): ParsedOldLink {
  const data = decodeData(query.get('data') ?? '');
  if (Array.isArray(data)) {
    const [id, token] = data as unknown[];
    if ((typeof id === 'string' || typeof id === 'number') && typeof token === 'string')
      return { kind: 'named', name: mailpoetClick(String(id), token) };
    return { kind: 'unknown' };
  }
  const { token, email } = (data ?? {}) as { token?: unknown; email?: unknown };
  if (typeof token !== 'string' || typeof email !== 'string') return { kind: 'unknown' };
  return { kind: 'named', name: mailpoetLink(email, token) };
}

function decodeData(data: string): unknown {
  if (data === '' || data.length > MAX_DATA_LENGTH) return undefined;
  try {
    // A query turns a + of base64 into a blank (URL Standard, application/x-www-form-urlencoded).
    return JSON.parse(Buffer.from(data.replaceAll(' ', '+'), 'base64').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
