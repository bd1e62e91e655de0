import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asset } from './files.js';

/** The browser's side of the form, as built. */
export type Embed = {
  /** Its newest script: the name under `/assets`, the digest for `integrity` (W3C SRI), and the text. */
  build: { file: string; integrity: string; script: string };
  /** Of the form apart from the page, of the box and the button, and of the form as part of the page. */
  styles: { form: string; panel: string; plain: string };
};

type Build = { file: string; integrity: string };

/** Every script that was ever released, by its file's name, and what is newest. Throws when none is there. */
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
