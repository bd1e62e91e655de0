import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { findUnreadEnvFile, readEnvironment } from '../../src/cli/environment.js';
import { findPackageFolder, findSettingsPlaces } from '../../src/platform/process/program-folder.js';

let home: string;
let elsewhere: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'paperround-program-'));
  elsewhere = mkdtempSync(join(tmpdir(), 'paperround-elsewhere-'));
});

const placesOf = () => ({ files: [join(home, '.env')], dataHome: home });
const writeFile = (text: string) => writeFileSync(join(home, '.env'), text);
const read = (environment: Record<string, string> = {}, cwd = elsewhere) =>
  readEnvironment(environment, placesOf(), cwd);

describe('the file with the settings', () => {
  test('is read beside the program wherever one stands, and the environment wins over it', () => {
    writeFile('\uFEFFPORT=3001\nHOST=0.0.0.0\nLOG_LEVEL=\nSECRET_KEY="a # b"\n');
    writeFileSync(join(elsewhere, '.env'), 'PORT=4000\n');
    expect(read({ HOST: '::1' })).toEqual({
      PORT: '3001',
      HOST: '::1',
      SECRET_KEY: 'a # b',
      DATA_DIR: join(home, '.data'),
    });
    expect(findUnreadEnvFile(placesOf(), elsewhere)).toEqual([
      `${join(elsewhere, '.env')} is not read: settings are in ${join(home, '.env')}, or in the environment.`,
    ]);
    expect(findUnreadEnvFile(placesOf(), home)).toEqual([]);
    writeFileSync(join(elsewhere, '.env'), 'VITE_COLOUR=red\n');
    expect(findUnreadEnvFile(placesOf(), elsewhere)).toEqual([]);
  });

  test('is not needed, and not read with NODE_ENV=test', () => {
    expect(read()).toEqual({ DATA_DIR: join(home, '.data') });
    writeFile('PORT=3001\n');
    expect(read({ NODE_ENV: 'test' })).not.toHaveProperty('PORT');
  });

  test('is named when it cannot be read', () => {
    mkdirSync(join(home, '.env'));
    expect(() => read()).toThrow(`${join(home, '.env')} has the settings and cannot be read here (EISDIR).`);
    // Whoever is root may read everything.
    const secret = join(elsewhere, '.env');
    writeFileSync(secret, 'PORT=1');
    chmodSync(secret, 0);
    const places = { files: [secret], dataHome: home };
    if (process.getuid?.() === 0) expect(readEnvironment({}, places, home)['PORT']).toBe('1');
    else expect(() => readEnvironment({}, places, home)).toThrow(/cannot be read here \(EACCES\)/);
  });

  test.each([
    'SMTP_URL=smtps://user:xq#zw@host',
    ' export SMTP_URL = smtps://user:xq#zw@host # ours',
    'SMTP_URL=smtps://user:#zw@host',
  ])('with a password that a # cuts in two it is refused, and no part of it is shown: %s', (line) => {
    writeFile(`PORT=3001\n${line}\n`);
    expect(() => read()).toThrow(
      `SMTP_URL in ${join(home, '.env')} has a # outside of quotes, and what follows it is not read: put the value in quotes, and in an ` +
        'address write %23 for the # of a password.',
    );
    expect(() => read()).not.toThrow(/xq|zw/);
  });

  test.each([
    ['PORT=3001 # the usual one', '3001'],
    ['PORT="3001" #x', '3001'],
    ['#PORT=3001#', undefined],
    ['OTHER=a#b', undefined],
    ['PORT= # none', undefined],
  ])('has comments where they lose nothing: %s', (line, port) => {
    writeFile(`${line}\n`);
    expect(read()['PORT']).toBe(port);
  });
});

describe('a relative DATA_DIR', () => {
  test('of the file, or none, is beside the program, and of the environment where one stands', () => {
    expect(read({}, home)['DATA_DIR']).toBe('.data');
    expect(read({}, join(home, 'docs'))['DATA_DIR']).toBe(join(home, '.data'));
    writeFile('DATA_DIR=state\n');
    expect(read()['DATA_DIR']).toBe(join(home, 'state'));
    expect(read({}, home)['DATA_DIR']).toBe('state');
    expect(read({ DATA_DIR: './mine' })['DATA_DIR']).toBe('./mine');
    writeFile('DATA_DIR=/var/lib/paperround\n');
    expect(read()['DATA_DIR']).toBe('/var/lib/paperround');
  });
});

test('beside the program is the checkout; for a package the folder into which it was installed, or the machine’s', () => {
  const checkout = findPackageFolder();
  expect(checkout).toBe(join(import.meta.dirname, '../..'));
  expect(findSettingsPlaces()).toEqual({ files: [join(checkout, '.env')], dataHome: checkout });
  const installed = join(home, 'node_modules/paperround');
  const files = [join(home, '.env'), '/etc/paperround/env'];
  expect(findSettingsPlaces(installed)).toEqual({ files, dataHome: undefined });
  writeFileSync(join(home, 'package.json'), '{}');
  expect(findSettingsPlaces(installed)).toEqual({ files, dataHome: home });
});
