// Builds the browser's side of the embeds: `npm run embed` writes templates/embed. Every released script stays there,
// since pages of publishers name it with its digest.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/embed');
const target = join(root, 'templates/embed');

/** Supports what has declarative shadow roots and style sheets without an element. */
const browsers = ['chrome111', 'firefox123', 'safari16.4'];

/** What a build makes of the sources, unwritten: `{ file, integrity, script, styles: { 'form.css': … } }`. */
export async function buildEmbed() {
  const styles = await Promise.all(['form.css', 'panel.css', 'plain.css'].map(minified));
  const { outputFiles } = await build({
    entryPoints: [join(source, 'main.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: browsers,
    tsconfigRaw: {},
  });
  const script = outputFiles[0].text;
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 10);
  const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`;
  return { file: `embed-${hash}.js`, integrity, script, styles: Object.fromEntries(styles) };
}

async function minified(file) {
  const css = readFileSync(join(source, file), 'utf8');
  const { code } = await transform(css, { loader: 'css', minify: true, target: browsers });
  return [file, code.trim()];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write(await buildEmbed());

/** The newest stands last in the list. */
function write({ file, integrity, script, styles }) {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, file), script);
  for (const [name, css] of Object.entries(styles)) writeFileSync(join(target, name), `${css}\n`);
  const list = join(target, 'builds.json');
  const builds = readBuilds(list).filter((one) => one.file !== file);
  writeFileSync(list, `${JSON.stringify([...builds, { file, integrity }], null, 2)}\n`);
  process.stdout.write(`${file}\n`);
}

function readBuilds(list) {
  try {
    return JSON.parse(readFileSync(list, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
