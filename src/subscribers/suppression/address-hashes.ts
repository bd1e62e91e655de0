import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import { domainOf } from '../../platform/mail/address.js';

/** By what a suppression of an address is found: its own keyed hash, and that of its domain. */
export type AddressHashes = readonly [address: Buffer, domain: Buffer];

/** @param emailKey the key of a parsed address, so that its domain is in A-labels and lower case */
export function addressHashes(hashAddress: AddressHasher, emailKey: string): AddressHashes {
  return [hashAddress(emailKey), domainHash(hashAddress, domainOf(emailKey))];
}

/** No address begins with an @, so that a domain has the hash of no address. */
export function domainHash(hashAddress: AddressHasher, domain: string): Buffer {
  return hashAddress(`@${domain}`);
}
