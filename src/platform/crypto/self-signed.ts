import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { DAY_MS } from '../durations.js';

/**
 * A certificate that a server signs itself (RFC 5280, section 4.1), with a new key on the curve P-256. Mail servers that look for
 * TLS at all take it, since they check no names between each other (RFC 7435); whoever stands on the way and only listens reads
 * nothing.
 * @param host the name in it
 * @returns both as PEM
 */
export function makeSelfSigned(host: string, now: Date): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(COMMON_NAME, tagged(UTF8_STRING, Buffer.from(host)))));
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const body = sequence(
    tagged(0xa0, tagged(INTEGER, Buffer.from([2]))),
    // Positive, and not zero.
    tagged(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(new Date(now.getTime() - DAY_MS)), time(new Date(now.getTime() + VALID_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(sequence(SUBJECT_ALT_NAME, tagged(OCTET_STRING, altNames(host))))),
  );
  const signature = tagged(BIT_STRING, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const cert = sequence(body, algorithm, signature);
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: toPem(cert) };
}

const VALID_MS = 3650 * DAY_MS;

/** Tags of X.690, section 8. */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;

/** Object identifiers, encoded: 1.2.840.10045.4.3.2, 2.5.4.3 and 2.5.29.17. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content)]), content]);
}

/** X.690, section 8.1.3: one octet below 128, else how many octets follow. */
function lengthOf({ length }: Buffer): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

const sequence = (...parts: Buffer[]) => tagged(SEQUENCE, Buffer.concat(parts));
const set = (...parts: Buffer[]) => tagged(SET, Buffer.concat(parts));
/** [2]: a dNSName. */
const altNames = (host: string) => sequence(tagged(0x82, Buffer.from(host)));

/** 20260101000000Z. Until 2049 RFC 5280 wants UTCTime, of which the century is left out. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050
    ? tagged(UTC_TIME, Buffer.from(digits.slice(2)))
    : tagged(GENERALIZED_TIME, Buffer.from(digits));
}

const UTC_TIME = 0x17;

function toPem(der: Buffer): string {
  const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
