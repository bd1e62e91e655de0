import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/platform/process/free-port.js';
import { waitUntil } from './wait-until.js';

const binary = '/usr/sbin/dovecot';

/** Why no Dovecot can be run here; undefined: it can. It changes its user, and so has to be started by root. */
export const dovecotMissing = !existsSync('/usr/lib/dovecot/imap')
  ? 'no Dovecot (dovecot-imapd) is installed'
  : process.getuid?.() === 0
    ? undefined
    : 'Dovecot has to be started by root';

export type TestDovecot = {
  port: number;
  /** Where mails of the user `bounces` are, as Maildir: files in its `new` and `cur`. */
  maildir: string;
  /** Who owns the mails. */
  uid: number;
  log(): string;
  /** Deletes what Dovecot knows of the mails: they get other UIDs, and another UIDVALIDITY. */
  forgetUids(): Promise<void>;
  stop(): Promise<void>;
};

/** Any user that is not root. */
const UID = 65_534;

/** A Dovecot of its own in a folder of its own, with one user: `bounces`, whose password is `secret`. */
export async function startDovecot(): Promise<TestDovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-dovecot-'));
  chmodSync(folder, 0o755);
  const maildir = join(folder, 'mail/bounces');
  for (const path of ['', 'cur', 'new', 'tmp']) mkdirSync(join(maildir, path), { recursive: true });
  for (const path of ['..', '', 'cur', 'new', 'tmp']) chownSync(join(maildir, path), UID, UID);
  const port = await findFreePort();
  const file = join(folder, 'dovecot.conf');
  writeFileSync(file, configuration(folder, port));
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');
  let server = await launch(file, port, log);
  const end = async () => {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  };
  return {
    port,
    maildir,
    uid: UID,
    log,
    forgetUids: async () => {
      await end();
      for (const name of [
        'dovecot-uidlist',
        'dovecot-uidvalidity',
        'dovecot.index',
        'dovecot.index.log',
        'dovecot.index.cache',
      ])
        rmSync(join(maildir, name), { force: true });
      server = await launch(file, port, log);
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(file: string, port: number, log: () => string) {
  const server = spawn(binary, ['-F', '-c', file], { stdio: 'ignore' });
  await waitUntil(async () => {
    if (server.exitCode !== null) throw new Error(`Dovecot ended: ${log()}`);
    return canConnect(port);
  });
  return server;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function configuration(folder: string, port: number): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${folder}/mail/%u
first_valid_uid = 1
passdb {
  driver = static
  args = user=bounces password=secret
}
userdb {
  driver = static
  args = uid=${UID} gid=${UID} home=${folder}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
  chroot =
}
service stats {
  chroot =
}
service anvil {
  chroot =
}
`;
}
