import { UserFacingError } from '../user-facing-error.js';
import { hasErrorCode } from '../embedded/files.js';

/** Node's codes for a certificate that nobody known has signed, or that is for another name or time. */
const CERTIFICATE_FAULT = /CERT|UNABLE_TO_(?:VERIFY|GET)|SELF_SIGNED/;

/** The sentences for a database that cannot be connected to: what happened, and what to change in DATABASE_URL. */
export function explainConnectError(error: unknown): UserFacingError {
  const { message = '', code = '' } = error as { message?: string; code?: string };
  return new UserFacingError(
    `The database cannot be used: ${message || code || 'it does not answer'}. Nothing was changed. ${remedyFor(error, message, code)}`,
  );
}

function remedyFor(error: unknown, message: string, code: string): string {
  if (CERTIFICATE_FAULT.test(code))
    return (
      'Name the file with the certificate of its authority in DATABASE_URL (sslrootcert=/path/ca.pem), or, where nobody ' +
      'can stand between, leave it unchecked (sslmode=no-verify).'
    );
  if (/does not support SSL/i.test(message))
    return 'Take sslmode out of DATABASE_URL, or set sslmode=disable there.';
  if (/no encryption|SSL off|SSL.* required/i.test(message))
    return (
      'It wants an encrypted connection: set sslmode=verify-full in DATABASE_URL, with sslrootcert=/path/ca.pem for an ' +
      'authority of your own, or sslmode=no-verify to leave its certificate unchecked.'
    );
  if (hasErrorCode(error, 'ENOENT', 'EACCES', 'EISDIR'))
    return 'sslrootcert, sslcert and sslkey in DATABASE_URL are paths of files that this user can read.';
  return 'Look at DATABASE_URL, and whether Postgres runs there.';
}
