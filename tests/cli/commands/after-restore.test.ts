import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { holdMail, readInstallation } from '../../../src/platform/restore/installation.js';
import { openTerminal, type Terminal } from '../open-terminal.js';

let terminal: Terminal;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
});

afterEach(() => terminal.close());

const heldSince = new Date('2026-11-22T09:00:00Z');

async function hold(): Promise<void> {
  await readInstallation(terminal.db);
  await holdMail(terminal.db, { reason: 'older', survivedCounter: 7 }, heldSince);
}

test('what is held after a restore is shown, and either decision ends it, once', async () => {
  const { run, json } = terminal;
  expect(await run('after-restore', 'show')).toEqual({ code: 0, stdout: 'No mail is held.\n', stderr: '' });
  for (const decision of ['send', 'skip']) {
    await hold();
    const shown = await run('after-restore', 'show');
    expect(shown.stdout).toMatch(
      /^Mail is held since 2026-11-22T09:00:00\.000Z: the database is older than /,
    );
    expect(shown.stdout).toContain('0 planned mails, 0 readers who are due, 0 single mails, 0 articles');
    expect(await json('after-restore', 'show')).toEqual({
      ...{ since: heldSince.toISOString(), reason: 'older' },
      ...{ deliveries: 0, readersDue: 0, notices: 0, articles: 0 },
    });
    expect(await json('after-restore', decision)).toEqual({ decision, changed: true });
    expect(await json('after-restore', 'show')).toBeNull();
    expect(await run('after-restore', decision)).toMatchObject({
      code: 1,
      stderr: 'No mail is held. Nothing was changed.\n',
    });
  }
});
