export const credentialChangeKinds = [
  'recovered',
  'password',
  'passkey-added',
  'passkey-removed',
  'totp-on',
  'totp-off',
  'recovery-codes',
] as const;

export type CredentialChangeKind = (typeof credentialChangeKinds)[number];

/** How an account is signed in to has changed. */
export type CredentialChange = {
  id: string;
  operatorId: string;
  kind: CredentialChangeKind;
  changedAt: Date;
};
