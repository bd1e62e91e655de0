import { readFileSync } from 'node:fs';
import type { Config } from '../../platform/config.js';
import { makeSelfSigned } from '../../platform/crypto/self-signed.js';
import {
  startSmtpListener,
  type ListenerTls,
  type SmtpListener,
} from '../../platform/mail/inbound/smtp-listener.js';
import type { ReceivedMail } from '../../platform/mail/inbound/inbound-mail.js';
import { isOurAddress, readOurAddress } from './our-addresses.js';
import { readInbound } from './read-inbound.js';
import type { ReadContext } from './reading.js';
import { receiveMail } from './receive-mail.js';

/**
 * Takes the mail of BOUNCE_DOMAIN on INBOUND_PORT. Undefined: the settings do not ask for it.
 * @throws when the port is taken, or the certificate cannot be read
 */
export async function listenForMail(context: ReadContext): Promise<SmtpListener | undefined> {
  const { config, now, log } = context;
  const { bounceDomain, inboundPort, host } = config;
  if (bounceDomain === undefined || inboundPort === undefined) return undefined;
  const selfSigned = makeSelfSigned(bounceDomain, now());
  const listener = await startSmtpListener({
    host,
    port: inboundPort,
    name: bounceDomain,
    tls: config.inboundTls === undefined ? () => selfSigned : readerOf(config.inboundTls),
    isOurs: (address) => isOurAddress(context, address),
    store: (mail) => storeMail(context, mail),
    log,
  });
  log.info({ event: 'inbound.listening', port: listener.port });
  return listener;
}

function readerOf({ certFile, keyFile }: NonNullable<Config['inboundTls']>): () => ListenerTls {
  return () => ({ cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') });
}

/** Whoever writes to leave has left when the mail is taken; all else is read by the job. */
async function storeMail(context: ReadContext, mail: ReceivedMail): Promise<void> {
  const stored = await receiveMail(context, mail);
  const leaves = mail.envelopeTo.some((address) => readOurAddress(context, address)?.kind === 'unsubscribe');
  if (stored === undefined || !leaves) return;
  await readInbound(context, stored.id).catch((error: unknown) =>
    // The job does it again.
    context.log.warn({ event: 'inbound.read-later', inboundMailId: stored.id, err: error }),
  );
}
