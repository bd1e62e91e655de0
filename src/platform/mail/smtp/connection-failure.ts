// Why no connection could be opened, by the words of the failure, so that an operator is told which parameter of SMTP_URL it
// is about.

/** Node's words for a certificate it does not take (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
export function saysBadCertificate(failure: string): boolean {
  return /certificate|altnames|CRL/i.test(failure);
}

/** Login replies (RFC 4954 section 6), and Nodemailer's words for a login that it could not begin. */
export function saysBadLogin(failure: string): boolean {
  return /^5(30|34|35|38)\b|credentials|authenticat/i.test(failure);
}
