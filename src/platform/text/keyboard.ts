const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** Where the keys of letters are on a QWERTY keyboard, in widths of a key: each row begins half a key further right. */
const keys = new Map(
  ROWS.flatMap((row, down) =>
    Array.from(row, (letter, at) => [letter, { down, right: at + down / 2 }] as const),
  ),
);

/** Whether a finger that means one letter easily meets the other. */
export function areNeighbours(one = '', other = ''): boolean {
  const [from, to] = [keys.get(one), keys.get(other)];
  if (from === undefined || to === undefined) return false;
  return Math.abs(from.down - to.down) <= 1 && Math.abs(from.right - to.right) <= 1;
}
