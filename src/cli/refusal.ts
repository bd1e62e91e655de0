/** Something a person at the terminal must read; no stack, no code. */
export class Refusal extends Error {
  /** @param exitCode 1 failed, 2 misuse */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
