import type { Request, Response } from 'express';
import { SECOND_MS } from '../../../../platform/durations.js';

/** A stream of server-sent events (HTML Standard, section 9.2) to one page. */
export type Stream = {
  /** A slow one skips what is newer already. */
  send(name: string, data: string): void;
  end(): void;
};

/** Which streams are open. `undefined`: the session has too many, or the process. */
export type Streams = {
  open(req: Request<object>, res: Response, session: string): Stream | undefined;
};

const MAX_PER_SESSION = 3;
/** Each is a connection that stays open. */
const MAX_IN_ALL = 500;

/** Proxies close what says nothing for half a minute. */
const KEEP_ALIVE_MS = 15 * SECOND_MS;

/** After a stream ended without a word, as when the process stops, a browser comes back. */
const RETRY_MS = 3 * SECOND_MS;

/** @param stopping ends them all: a server waits for its open connections before it stops */
export function createStreams(stopping: AbortSignal): Streams {
  const open = new Map<Response, string>();
  stopping.addEventListener('abort', () => open.forEach((_session, res) => res.end()), { once: true });
  return {
    open: (req, res, session) => {
      const own = [...open.values()].filter((other) => other === session).length;
      if (own >= MAX_PER_SESSION || open.size >= MAX_IN_ALL || stopping.aborted) return undefined;
      open.set(res, session);
      const alive = setInterval(() => void res.write(':\n\n'), KEEP_ALIVE_MS).unref();
      res.once('close', () => {
        clearInterval(alive);
        open.delete(res);
      });
      begin(req, res);
      return {
        send: (name, data) => {
          if (!res.writableEnded && !res.writableNeedDrain)
            res.write(`event: ${name}\ndata: ${data.replaceAll('\n', '\ndata: ')}\n\n`);
        },
        end: () => void res.end(),
      };
    },
  };
}

function begin(req: Request<object>, res: Response): void {
  res
    .status(200)
    .type('text/event-stream')
    // Proxies are to pass on what comes at once: nginx reads the second header.
    .set({ 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' });
  res.flushHeaders();
  req.socket.setNoDelay(true);
  res.write(`retry: ${RETRY_MS}\n\n`);
}
