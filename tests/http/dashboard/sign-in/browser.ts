import { open, post } from '../../../support/reader-actions.js';
import type { TestApp } from '../../../support/test-app.js';

/** A browser without script: it keeps cookies as one does, and says which of its own pages sent a form. */
export type Browser = {
  get(path: string): Promise<Response>;
  send(path: string, fields?: Record<string, string>): Promise<Response>;
  /** What it sends with each request; tests put other cookies into it. */
  cookies: Map<string, string>;
};

/** @param from the address of its network; each its own when absent, behind a proxy */
export function openBrowser({ url }: TestApp, headers: Record<string, string> = {}): Browser {
  const cookies = new Map<string, string>();
  const own = () => ({
    ...headers,
    ...(cookies.size === 0
      ? {}
      : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
  });
  const keep = (answer: Response): Response => {
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Expires=Thu, 01 Jan 1970/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  const at = (path: string) => (path.startsWith('http') ? path : url + path);
  return {
    cookies,
    get: async (path) => keep(await open(at(path), own())),
    send: async (path, fields = {}) =>
      keep(
        await post(at(path), fields, {
          ...own(),
          'sec-fetch-site': 'same-origin',
          origin: new URL(url).origin,
        }),
      ),
  };
}
