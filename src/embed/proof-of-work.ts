/** The task that our server sets: find the number whose SHA-256 behind the salt is `challenge` (ALTCHA, version 1). */
export type Challenge = {
  algorithm: 'SHA-256';
  challenge: string;
  salt: string;
  maxnumber: number;
  signature: string;
};

/** Solves the task, in about a second. Empty where the browser has no SubtleCrypto, as on plain http. */
export async function solveChallenge({ maxnumber, ...asked }: Challenge): Promise<string> {
  for (let number = 0; number <= maxnumber; number++)
    if ((await sha256Hex(asked.salt + number)) === asked.challenge)
      return btoa(JSON.stringify({ ...asked, number }));
  return '';
}

async function sha256Hex(text: string): Promise<string | undefined> {
  // The types say it is always there; on plain http it is not (Web Cryptography API, secure contexts).
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  const bytes = await subtle?.digest('SHA-256', new TextEncoder().encode(text));
  return bytes && [...new Uint8Array(bytes)].map((byte) => (byte + 256).toString(16).slice(1)).join('');
}
