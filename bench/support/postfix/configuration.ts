import { join } from 'node:path';

/** What may differ between two of our own Postfixes. */
export type PostfixSettings = {
  /** A free one when absent. */
  port?: number;
  /** The SMTP server on 127.0.0.1 that gets everything it takes. */
  relayPort: number;
  /** Its log: a file that postlogd(8) writes, or a journal of its own, of a real systemd-journald. */
  log?: 'file' | 'journal';
  /** Lines of main.cf, by name. */
  main?: Record<string, string>;
  /** Its queue lies on a file system of its own of so many megabytes, so that it can be full. */
  queueMegabytes?: number;
  /** Whole lines of master.cf, after ours. */
  master?: readonly string[];
};

/** It asks no DNS and sends nothing anywhere but to the relay. */
export function formatMainCf({
  folder,
  logFile,
  relayPort,
  main = {},
}: PostfixSettings & { folder: string; logFile: string | undefined }): string {
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    maillog_file_prefixes: folder,
    ...(logFile === undefined ? {} : { maillog_file: logFile }),
    myhostname: 'mx.example',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mydestination: '',
    alias_maps: '',
    local_recipient_maps: '',
    mynetworks: '127.0.0.0/8',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_tls_security_level: 'none',
    smtp_tls_security_level: 'none',
    smtpd_client_connection_rate_limit: '0',
    smtpd_client_connection_count_limit: '0',
    disable_dns_lookups: 'yes',
    smtp_host_lookup: 'native',
    default_transport: `smtp:[127.0.0.1]:${relayPort}`,
    relay_transport: `smtp:[127.0.0.1]:${relayPort}`,
    minimal_backoff_time: '5s',
    queue_run_delay: '5s',
    ...main,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** Debian's master.cf without what listens elsewhere, and without chroot: the folders are the tests' own. */
export function formatMasterCf(port: number, { master = [] }: PostfixSettings): string {
  const lines = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'proxywrite unix - - n - 1 proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'local unix - n n - - local',
    'virtual unix - n n - - virtual',
    'lmtp unix - - n - - lmtp',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    ...master,
  ];
  return `${lines.join('\n')}\n`;
}
