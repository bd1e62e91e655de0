/** `1 reader`, `2 readers`: for operators, whose texts are English. Readers' texts have their plurals in locales/. */
export function countNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
