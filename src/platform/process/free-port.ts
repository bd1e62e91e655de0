import { createServer } from 'node:net';

/** A port of 127.0.0.1 that is free now and was not chosen by anybody else a moment ago. */
export async function findFreePort(): Promise<number> {
  const port = await openAndClose(0);
  if (port === undefined) throw new Error('127.0.0.1 has no free port');
  return port;
}

export async function isPortFree(port: number): Promise<boolean> {
  return (await openAndClose(port)) !== undefined;
}

/** The port that was opened (0: whichever is free); undefined when it is taken. */
function openAndClose(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const opened = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(opened));
    });
  });
}
