import { InvalidArgumentError } from 'commander';

/** A parser of an option's value: a whole number from `min` to 999. */
export function wholeNumberFrom(min: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,3}$/.test(text) || Number(text) < min)
      throw new InvalidArgumentError(`It is a whole number from ${min} to 999.`);
    return Number(text);
  };
}
