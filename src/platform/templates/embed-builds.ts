import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asset } from './files.js';

/** The newest build of the embedded form. */
export type Embed = {
  /** The script: its name under `/assets`, its digest for `integrity` (W3C SRI), and its text. */
  build: { file: string; integrity: string; script: string };
  /** Style sheets: of the form in a shadow root, of the panel and the floating button, and of the form without script. */
  styles: { form: string; panel: string; plain: string };
};

type Build = { file: string; integrity: string };

/** Reads all released scripts, as assets by their file names, and the newest build. Throws when there is none. */
export function readEmbedBuilds(dir: string): { embed: Embed; assets: Map<string, Asset> } {
  const read = (file: string) => readFileSync(join(dir, file), 'utf8');
  const builds = JSON.parse(read('builds.json')) as Build[];
  const newest = builds.at(-1);
  if (newest === undefined) throw new Error('No script of the embed was built');
  const type = 'text/javascript; charset=utf-8';
  const assets = builds.map(({ file }): [string, Asset] => [file, { type, body: Buffer.from(read(file)) }]);
  const [form, panel, plain] = ['form.css', 'panel.css', 'plain.css'].map((file) => read(file).trim());
  return {
    embed: {
      build: { ...newest, script: read(newest.file) },
      styles: { form: form ?? '', panel: panel ?? '', plain: plain ?? '' },
    },
    assets: new Map(assets),
  };
}
