/** As our server sets it: the number whose digest with the salt is the challenge. */
export type Challenge = {
  algorithm: 'SHA-256';
  challenge: string;
  salt: string;
  maxnumber: number;
  signature: string;
};

/** A second or two of work while a newsletter is under attack. Empty where the page has no cryptography (plain http). */
export async function solveChallenge({ maxnumber, ...asked }: Challenge): Promise<string> {
  for (let number = 0; number <= maxnumber; number++)
    if ((await sha256Hex(asked.salt + number)) === asked.challenge)
      return btoa(JSON.stringify({ ...asked, number }));
  return '';
}

async function sha256Hex(text: string): Promise<string | undefined> {
  // Absent on plain http, whatever the types say.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  const bytes = await subtle?.digest('SHA-256', new TextEncoder().encode(text));
  return bytes && [...new Uint8Array(bytes)].map((byte) => (byte + 256).toString(16).slice(1)).join('');
}
