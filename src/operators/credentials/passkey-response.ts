import { z } from 'zod';

/** Octets as browsers write them in JSON: base64url (Web Authentication, Level 3, section 5.1.8). */
const octets = (maxLength: number) =>
  z
    .string()
    .regex(/^[\w-]+$/)
    .max(maxLength);

const common = {
  id: octets(1400),
  rawId: octets(1400),
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}).default({}),
};

/** What a browser sends for a passkey that it made. */
const registrationSchema = z.object({
  ...common,
  response: z.object({
    clientDataJSON: octets(4000),
    attestationObject: octets(20_000),
    transports: z
      .array(z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']).catch('internal'))
      .max(10)
      .default([]),
  }),
});

/** What a browser sends for a passkey that signed. */
const authenticationSchema = z.object({
  ...common,
  response: z.object({
    clientDataJSON: octets(4000),
    authenticatorData: octets(4000),
    signature: octets(10_000),
    userHandle: octets(200).nullish(),
  }),
});

export type RegistrationResponse = z.infer<typeof registrationSchema>;
export type AuthenticationResponse = z.infer<typeof authenticationSchema>;

/** Undefined for any text that is none. */
export function parseRegistration(text: string): RegistrationResponse | undefined {
  return registrationSchema.safeParse(parseJson(text)).data;
}

export function parseAuthentication(text: string): AuthenticationResponse | undefined {
  return authenticationSchema.safeParse(parseJson(text)).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
