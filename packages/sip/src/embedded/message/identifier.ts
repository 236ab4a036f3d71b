import { randomBytes, randomInt } from 'node:crypto'

/** Characters of randomness in tags and branches: 64 bits, twice what RFC 3261 §19.3 asks of a tag. */
const ID_BYTES = 8

/** Branch parameters that begin so name a transaction uniquely, RFC 3261 §8.1.1.7. */
export const MAGIC_COOKIE = 'z9hG4bK'

/** A new branch parameter. */
export function newBranch(): string {
  return MAGIC_COOKIE + randomBytes(ID_BYTES).toString('hex')
}

/** A new From or To tag. */
export function newTag(): string {
  return randomBytes(ID_BYTES).toString('hex')
}

/** A new Call-ID. */
export function newCallId(): string {
  return randomBytes(16).toString('hex')
}

/** A first CSeq number, far from the limit of 2^31 (RFC 3261 §8.1.1.5). */
export function newCSeq(): number {
  return randomInt(1, 2 ** 20)
}
