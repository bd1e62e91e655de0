import { hash } from 'node:crypto';

/** A mailbox of IMAP_URL. */
export type ImapAccount = {
  host: string;
  port: number;
  /** TLS from the start (RFC 8314, section 3.2); otherwise STARTTLS, which has to be there unless the server is on this machine. */
  isSecure: boolean;
  isLocal: boolean;
  user: string;
  password: string;
  folder: string;
  /** What is stored is deleted in the mailbox. */
  deletes: boolean;
  /** For people: folder and host. */
  name: string;
  /** Of everything but the password. */
  key: Buffer;
};

export const imapParameterNames = ['delete'];

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'imap:': 143, 'imaps:': 993 };
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with a text that is an address otherwise, as the end of a sentence. */
export function findImapUrlMistake(text: string): string | undefined {
  const { username, password, searchParams } = new URL(text);
  if (username === '' || password === '') return 'needs a user and a password: imaps://user:password@host';
  return ['true', 'false', null].includes(searchParams.get('delete'))
    ? undefined
    : 'has delete, which is true or false';
}

/** @param text in which no mistake was found */
export function parseImapUrl(text: string): ImapAccount {
  const url = new URL(text);
  const isSecure = url.protocol === 'imaps:';
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 993) : Number(url.port);
  const user = decodeURIComponent(url.username);
  const folder = decodeURIComponent(url.pathname.replace(/^\//, '')) || 'INBOX';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port,
    isSecure,
    isLocal: LOOPBACK.test(url.hostname),
    user,
    password: decodeURIComponent(url.password),
    folder,
    deletes: url.searchParams.get('delete') === 'true',
    name: `${folder} at ${host}`,
    key: hash('sha256', JSON.stringify([host, port, user, folder]), 'buffer'),
  };
}
