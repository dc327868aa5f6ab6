// One-time codes of the alliance: a secret (80 bits) and the beginning of the fingerprint of the alliance's certificate authority (100 bits), so that the very first connection is
// authenticated in both directions. Crockford's base 32 in groups of four.
import { createHash } from 'node:crypto'
import { csprng, YimengError } from '../../base/index.ts'

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SECRET_LETTERS = 16
const FINGERPRINT_LETTERS = 20

/** What a code says. */
export interface Invitation {
  readonly secret: string
  /** Beginning of {@link fingerprintOf} of the authority's certificate. */
  readonly fingerprint: string
}

/** SHA-256 of a certificate (DER) in base 32, as far as codes carry it. */
export const fingerprintOf = (der: Uint8Array): string => {
  const hash = createHash('sha256').update(der).digest()
  let bits = 0n
  for (const byte of hash) bits = (bits << 8n) | BigInt(byte)
  return Array.from({ length: FINGERPRINT_LETTERS }, (_, i) => letters[Number((bits >> BigInt(256 - 5 * (i + 1))) & 31n)]).join('')
}

/** A fresh secret. */
export const freshSecret = (): string => {
  const rng = csprng()
  return Array.from({ length: SECRET_LETTERS }, () => letters[rng.integer(32)]).join('')
}

/** The code to hand to a site. */
export const invitationCode = ({ secret, fingerprint }: Invitation): string => (secret + fingerprint).replace(/(.{4})(?=.)/g, '$1-')

/**
 * Reads a code as a person typed it: case, spaces and hyphens do not count; O is read as 0, I and L as 1.
 *
 * @throws YimengError `invitation-code`
 *
 * @example
 * ```ts
 * const invitation = { secret: 'ABCDEFGH01234567', fingerprint: '0123456789ABCDEFGHJK' }
 * assert.deepEqual(readInvitation(invitationCode(invitation).toLowerCase()), invitation)
 * ```
 */
export const readInvitation = (code: string): Invitation => {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  if (plain.length !== SECRET_LETTERS + FINGERPRINT_LETTERS || !/^[0-9A-HJKMNP-TV-Z]*$/.test(plain))
    throw new YimengError({
      code: 'invitation-code',
      cannot: 'use invitation',
      expected: `a code of ${SECRET_LETTERS + FINGERPRINT_LETTERS} letters and digits`,
      got: `${plain.length} characters`,
    })
  return { secret: plain.slice(0, SECRET_LETTERS), fingerprint: plain.slice(SECRET_LETTERS) }
}
