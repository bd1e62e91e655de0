import { expect, test } from '@jest/globals';
import { fullBanner } from '../../src/cli/start/startup-banner.js';
import { readConfig } from '../../src/platform/config.js';

const running = { servers: undefined, httpServer: undefined, backend: 'postgres' };
const places = {
  subscribe: 'http://localhost:3000/demo',
  dashboard: 'http://localhost:3000/operator/enter/t',
};

const stepsOf = (lines: string[]) =>
  lines.filter((line) => line.startsWith('  ')).map((line) => line.slice(2, 17));

test('the steps to try are numbered from one on, with the development inbox and with a mail server of one’s own', () => {
  const inbox = 'http://localhost:3000/inbox';
  expect(stepsOf(fullBanner(readConfig({}), running, { ...places, inbox }))).toEqual([
    '1 Subscribe    ',
    '2 Read the mail',
    '3 Run it       ',
  ]);
  const lines = fullBanner(readConfig({ SMTP_URL: 'smtp://mail.example' }), running, places);
  expect(stepsOf(lines)).toEqual(['1 Subscribe    ', '2 Run it       ']);
  expect(lines[0]).toBe('Paperround is running. Mail leaves through SMTP_URL.');
});
