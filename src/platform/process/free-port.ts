import { createServer } from 'node:net';

/** Finds a port of 127.0.0.1 that is free now, and that this process was not given a moment ago. */
export async function findFreePort(): Promise<number> {
  const port = await openAndClose(0);
  if (port === undefined) throw new Error('127.0.0.1 has no free port');
  return port;
}

export async function isPortFree(port: number): Promise<boolean> {
  return (await openAndClose(port)) !== undefined;
}

/** @param port 0: any free one
 * @returns the port that was opened; undefined when it is taken */
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
