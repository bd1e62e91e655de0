import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Context } from '../../../platform/context.js';
import type { Key, Keys } from '../../../platform/crypto/keys.js';
import { DAY_MS } from '../../../platform/durations.js';
import { cookiePath, isHttps } from './session.js';

type DeviceContext = Pick<Context, 'publicUrl'> & { keys: Keys };

const COOKIE_NAME = 'paperround_device';
const LIFETIME_MS = 365 * DAY_MS;
/** People who share a browser. */
const MAX_ACCOUNTS = 5;
/** Octets: the account's id 16, the device's own 12, MAC 16; 59 characters. */
const [ACCOUNT_BYTES, DEVICE_BYTES, MAC_BYTES] = [16, 12, 16];

/**
 * What tells a browser that an operator has signed in with before: its count of attempts is its own, so that nobody who tries
 * passwords elsewhere keeps her out. The cookie opens nothing.
 * @returns a key to count by; undefined for a browser that this account has not been used in
 */
export function findKnownDevice(
  { keys }: Pick<DeviceContext, 'keys'>,
  req: Request<object>,
  operatorId: string,
): string | undefined {
  const trusted = keys.filter(({ unsubscribeOnly }) => !unsubscribeOnly);
  const mine = marksIn(req).find(
    (mark) => isFor(operatorId, mark) && trusted.some((key) => hasMac(key, mark)),
  );
  return mine?.subarray(ACCOUNT_BYTES, ACCOUNT_BYTES + DEVICE_BYTES).toString('base64url');
}

/** Makes this browser one that the operator has signed in with. */
export function rememberDevice(
  { keys, publicUrl }: DeviceContext,
  req: Request<object>,
  res: Response,
  operatorId: string,
): void {
  const known = marksIn(req);
  const own = known.find((mark) => isFor(operatorId, mark) && hasMac(keys[0], mark));
  const others = known.filter((mark) => !isFor(operatorId, mark));
  const marks = [own ?? createMark(keys[0], operatorId), ...others].slice(0, MAX_ACCOUNTS);
  res.cookie(COOKIE_NAME, marks.map((mark) => mark.toString('base64url')).join('.'), {
    path: cookiePath(publicUrl),
    httpOnly: true,
    sameSite: 'strict',
    secure: isHttps(publicUrl),
    maxAge: LIFETIME_MS,
  });
}

function marksIn(req: Request<object>): Buffer[] {
  const value = new RegExp(`(?:^|; ?)${COOKIE_NAME}=([\\w.-]{1,400})(?:;|$)`).exec(
    req.get('cookie') ?? '',
  )?.[1];
  const marks = (value ?? '').split('.').map((text) => Buffer.from(text, 'base64url'));
  return marks.filter(({ length }) => length === ACCOUNT_BYTES + DEVICE_BYTES + MAC_BYTES);
}

function createMark(key: Key, operatorId: string): Buffer {
  const body = Buffer.concat([accountOctets(operatorId), randomBytes(DEVICE_BYTES)]);
  return Buffer.concat([body, computeMac(key, body)]);
}

function isFor(operatorId: string, mark: Buffer): boolean {
  return mark.subarray(0, ACCOUNT_BYTES).equals(accountOctets(operatorId));
}

function hasMac(key: Key, mark: Buffer): boolean {
  return timingSafeEqual(computeMac(key, mark.subarray(0, -MAC_BYTES)), mark.subarray(-MAC_BYTES));
}

function computeMac(key: Key, body: Buffer): Buffer {
  return createHmac('sha256', key.derive('operator-device')).update(body).digest().subarray(0, MAC_BYTES);
}

function accountOctets(operatorId: string): Buffer {
  return Buffer.from(operatorId.replaceAll('-', ''), 'hex');
}
