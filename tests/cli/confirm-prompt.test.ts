import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { confirmOrAbort } from '../../src/cli/confirm-prompt.js';

/** Somebody at a terminal who types this; undefined: who presses Ctrl-D. */
async function answer(typed: string | undefined, isTTY = true): Promise<{ asked: string; outcome: string }> {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = new PassThrough();
  const confirmed = confirmOrAbort('Send it?', 'Nothing was sent.', { stdin, stderr });
  if (typed === undefined) stdin.end();
  else stdin.write(`${typed}\n`);
  const outcome = await confirmed.then(
    () => 'done',
    ({ message, exitCode }) => `${exitCode}: ${message}`,
  );
  return { asked: String(stderr.read() ?? ''), outcome };
}

test.each(['y', 'Y', 'yes', ' YES '])('an answer of %p is a yes', async (typed) => {
  expect(await answer(typed)).toEqual({ asked: 'Send it? [y/N] ', outcome: 'done' });
});

test.each(['', 'n', 'no', 'yesterday', undefined])('after %p nothing is done', async (typed) => {
  expect(await answer(typed)).toEqual({ asked: 'Send it? [y/N] ', outcome: '1: Nothing was sent.' });
});

test('what is piped in is no answer: without a terminal it takes --yes', async () => {
  expect(await answer('y', false)).toEqual({
    asked: '',
    outcome: '2: Send it?\nNothing was sent. There is no terminal to ask at: add --yes to do it.',
  });
});
