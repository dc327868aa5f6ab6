import { expect, test } from 'vitest'
import { ring } from '../../../algebra/index.ts'
import { concatBytes, fromHex, toHex } from '../../../base/index.ts'
import { addMask, nodeStream, webStream } from './mask.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => 7 * i)

// NIST SP 800-38A has no vector whose counter starts at zero: block k of the stream is AES-256 of k, made by `openssl enc -aes-256-ecb -nopad` under OpenSSL 3.0.19
const FIRST_TWO = '179ba2eaca25a8a605a8b5b130d5dd05655afbc6fe46eea45d558e4833ade85b'

test('the stream is AES-256 of 0, 1, …, the same by Node and by Web Crypto, however it is cut', async () => {
  const [node, web] = [nodeStream(seed)!, await webStream(seed)]
  const pieces = async (stream: typeof node) =>
    concatBytes(await stream(32), await stream(2 ** 18), await stream(2 ** 16), await stream(24))
  const [ours, theirs] = [await pieces(node), await pieces(web)]
  expect(toHex(ours.subarray(0, 32))).toBe(toHex(fromHex(FIRST_TWO)))
  expect(ours).toEqual(theirs)
})

test.each([32, 64] as const)(
  'masks of %i bits are that stream, little-endian, over pieces of any length; taken off they leave the vector',
  async (bits) => {
    for (const length of [1, 3, 2 ** 13, 30_001]) {
      const vector = ring(bits).zero(length)
      await addMask(vector, seed, 1)
      const bytes = await (await webStream(seed))(vector.byteLength)
      expect(new Uint8Array(vector.buffer)).toEqual(bytes)
      await addMask(vector, seed, -1)
      expect(vector).toEqual(ring(bits).zero(length))
    }
  },
)
