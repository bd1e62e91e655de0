import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';

export type Asset = { type: string; body: Buffer };

const ASSET_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
};

/** Every `.liquid` file under the folder, by its path without the ending: `emails/welcome/html`. */
export function readTemplates(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.liquid'),
  );
  return Object.fromEntries(files.map((file) => [templateName(file), readFileSync(join(dir, file), 'utf8')]));
}

/** Files that browsers fetch, by the name in their URL, which has a hash of the content so that it may be cached for ever. */
export function readAssets(dir: string): { assets: Map<string, Asset>; names: Map<string, string> } {
  const assets = new Map<string, Asset>();
  const names = new Map<string, string>();
  for (const file of readdirSync(dir).filter((name) => extname(name) in ASSET_TYPES)) {
    const body = readFileSync(join(dir, file));
    const name = hashedAssetName(file, body);
    assets.set(name, { type: ASSET_TYPES[extname(file)] ?? 'application/octet-stream', body });
    names.set(file, name);
  }
  return { assets, names };
}

function hashedAssetName(file: string, body: Buffer): string {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10);
  return `${basename(file, extname(file))}-${hash}${extname(file)}`;
}

function templateName(file: string): string {
  return relative('.', file).slice(0, -'.liquid'.length).split(sep).join('/');
}
