import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 that nobody but this run trusts; undefined where there is no openssl. */
export function makeCertificate(folder: string): { key: string; cert: string; file: string } | undefined {
  const file = join(folder, 'tls.pem');
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', '-', '-out', '-'];
  const { status, stdout } = spawnSync('openssl', [...made, ...subject], { encoding: 'utf8' });
  const key = /-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----/.exec(stdout ?? '')?.[0];
  const cert = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/.exec(stdout ?? '')?.[0];
  if (status !== 0 || key === undefined || cert === undefined) return undefined;
  writeFileSync(file, `${cert}\n`);
  return { key, cert, file };
}
