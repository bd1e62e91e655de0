import type { ReaderChange, ReaderChangeAction } from '../../../subscribers/together/reader-change.js';

type ActionWords = {
  /** On the button: `Pause 12 readers`. */
  verb: string;
  /** What has been done with them: `12 readers are paused`. */
  done: string;
  /** What it means for them, before it is done. */
  means: string;
  /** Why it was not done with some. */
  unchanged: string;
};

export const actionWords: Readonly<Record<ReaderChangeAction, ActionWords>> = {
  pause: {
    verb: 'Pause',
    done: 'paused',
    means: 'Nothing is mailed to them until somebody here resumes them. They are not told by mail.',
    unchanged: 'had left, paused by themselves, or were erased meanwhile',
  },
  resume: {
    verb: 'Resume',
    done: 'resumed',
    means: 'They get what comes out from now on. Who paused by herself is not among them.',
    unchanged: 'were not paused any more, or had paused by themselves',
  },
  unsubscribe: {
    verb: 'Unsubscribe',
    done: 'unsubscribed',
    means: 'They get no mail any more, and are not told by mail. For a day you can take it back.',
    unchanged: 'had left meanwhile',
  },
  restore: {
    verb: 'Take back',
    done: 'back as they were',
    means: 'They get what they got before.',
    unchanged: 'had come back or were erased meanwhile, or a day had passed',
  },
  erase: {
    verb: 'Erase',
    done: 'erased',
    means:
      'Their addresses, their choices and what proves that they agreed are deleted for this newsletter. It cannot be undone.',
    unchanged: 'had been erased meanwhile',
  },
};

export function readersWord(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'reader' : 'readers'}`;
}

/** What is, or was, done, as the heading of its page. */
export function describeChange({ action, state, found, changed }: ReaderChange): string {
  const { verb, done } = actionWords[action];
  if (state === 'counting') return 'Readers are being counted';
  if (state === 'ready')
    return found === 0 ? `Nobody to ${verb.toLowerCase()}` : `${verb} ${readersWord(found)}?`;
  if (state !== 'done') return `${changed.toLocaleString('en')} of ${readersWord(found)} ${done}`;
  return `${readersWord(changed)} ${changed === 1 ? 'is' : 'are'} ${done}`;
}

/** Of those with whom it was not done; null: of none. */
export function describeUnchanged({ action, unchanged }: ReaderChange): string | null {
  if (unchanged === 0) return null;
  const who =
    unchanged === 1 ? '1 reader stayed as she was' : `${readersWord(unchanged)} stayed as they were`;
  return `${who}. They ${actionWords[action].unchanged}; where none of that is so, the server’s log says why.`;
}
