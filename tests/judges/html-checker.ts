import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const jar = createRequire(import.meta.url).resolve('vnu-jar/build/dist/vnu.jar');

/** The Nu HTML checker is a program for Java: apt-get install default-jre-headless brings that. */
export const hasHtmlChecker = spawnSync('java', ['-version']).status === 0;

/** What it says of one page. */
export type HtmlFault = { page: string; says: string; extract: string };

/** The errors that the Nu HTML checker finds in pages, by name. One process for all: it takes a second to start. */
export function checkHtml(pages: ReadonlyMap<string, string>): HtmlFault[] {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-html-'));
  try {
    const names = [...pages.keys()];
    for (const [at, html] of [...pages.values()].entries()) writeFileSync(join(folder, `${at}.html`), html);
    const words = ['-jar', jar, '--format', 'json', '--errors-only', '--exit-zero-always', folder];
    const { stderr } = spawnSync('java', words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const { messages } = JSON.parse(stderr) as {
      messages: { url?: string; message: string; extract?: string }[];
    };
    return messages.map(({ url = '', message, extract = '' }) => ({
      page: names[Number(/(\d+)\.html$/.exec(url)?.[1])] ?? url,
      says: message,
      extract,
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
