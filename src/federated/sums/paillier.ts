// The encrypted sum by Paillier: sites encrypt under a public key whose opening half nobody holds, the server adds ciphertexts, and the sites together open the sum and nothing else. For
// small vectors (coefficients of linear models, counts, histograms): a ciphertext of 512 bytes carries 25 ring elements of 64 bits or 42 of 32. For models take CKKS (encrypted.ts) or masks.
// Threshold Paillier (src/crypto/paillier.ts); packing with room for carries, so that the total equals the plain one bit for bit.
//   1  site → server: Enc(pack(xᵢ))                              server: multiplies ciphertexts = adds plaintexts
//   2  server → sites in the sum: the sum's ciphertexts, who is in it     site → server: its partial opening of each          server: combines `threshold` of them
// Adversary: a server that follows the protocol and looks at all it gets, with fewer than `threshold` sites telling it all they know.
// What leaks: the sum, who takes part, who is lost when. A site opens once, and only for a sum of at least `smallestCohort` nodes that has itself in it.
// What it does not protect from: a server that lies about what it added (it could have one site's update opened: use masks, or pass all ciphertexts on, which costs n times the bytes);
// whoever dealt the key shares and kept them; sites that send wrong openings, which spoil the sum. Fewer than `threshold` sites left: `lostQuorum`, and nothing was learnt.
import { type RingVector, ring } from '../../algebra/index.ts'
import { bytesCodec, csprng, listCodec, structCodec, textCodec, YimengError } from '../../base/index.ts'
import {
  combineOpenings,
  openPartly,
  type PaillierEncryption,
  paillierEncryption,
  type PaillierKey,
  type PaillierShare,
  type PartialOpening,
} from '../../crypto/index.ts'
import { gather } from '../gather.ts'
import type { NodeId } from '../placement.ts'
import type { SumProtocol } from '../sum-protocol.ts'

/** What a site needs: the public key and its own share. The server takes part with the key alone: there is no type for a server with a share. */
export interface PaillierSite {
  readonly key: PaillierKey
  readonly share: PaillierShare
  /** Fewest nodes that a site opens a sum of. Default 3. */
  readonly smallestCohort?: number
}

/** Most contributions in a sum: what the room between packed values allows. */
const MOST_NODES = 2 ** 16
const CARRY_BITS = 16

const sumCodec = structCodec<{ readonly from: readonly NodeId[]; readonly ciphers: readonly Uint8Array[] }>({
  from: listCodec(textCodec),
  ciphers: listCodec(bytesCodec),
})

const broken = (expected: string, got: string, node: NodeId): YimengError =>
  new YimengError({ code: 'encrypted-frame', cannot: 'go on with encrypted sum', expected, got, where: { node } })

/** Numbers below n² as bytes of one length, highest first. */
const cipherCodec = ({ n }: PaillierKey) => {
  const length = Math.ceil((n * n).toString(2).length / 8)
  return {
    length,
    encode: (value: bigint): Uint8Array => {
      const digits = value.toString(16).padStart(2 * length, '0')
      return Uint8Array.from({ length }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
    },
    decode: (bytes: Uint8Array, node: NodeId): bigint => {
      let value = 0n
      for (const byte of bytes) value = (value << 8n) | BigInt(byte)
      if (bytes.length !== length || value <= 0n || value >= n * n) throw broken('a ciphertext', 'other bytes', node)
      return value
    },
  }
}

const listed = (codec: ReturnType<typeof cipherCodec>, count: number) => ({
  encode: (values: readonly bigint[]): Uint8Array => listCodec(bytesCodec).encode(values.map(codec.encode)),
  decode: (bytes: Uint8Array, node: NodeId): readonly bigint[] => {
    const parts = listCodec(bytesCodec).decode(bytes)
    if (parts.length !== count) throw broken(`${count} ciphertexts`, String(parts.length), node)
    return parts.map((part) => codec.decode(part, node))
  },
})

/** How ring vectors lie in plaintexts. */
const packing = ({ n }: PaillierKey, bits: 32 | 64) => {
  const width = bits + CARRY_BITS
  const slots = Math.floor((n.toString(2).length - 1) / width)
  return {
    count: (length: number): number => Math.ceil(length / slots),
    pack: (vector: RingVector): readonly bigint[] =>
      Array.from({ length: Math.ceil(vector.length / slots) }, (_, block) => {
        let plain = 0n
        for (let i = Math.min(slots, vector.length - block * slots) - 1; i >= 0; i -= 1)
          plain = (plain << BigInt(width)) | BigInt(vector[block * slots + i]!)
        return plain
      }),
    unpack: (plains: readonly bigint[], length: number): RingVector => {
      const vector = ring(bits).zero(length)
      for (let i = 0; i < length; i += 1) {
        // the carries above the ring's bits are what wraps there
        const element = BigInt.asUintN(bits, plains[Math.floor(i / slots)]! >> BigInt(width * (i % slots)))
        if (vector instanceof BigUint64Array) vector[i] = element
        else vector[i] = Number(element)
      }
      return vector
    },
  }
}

const contributing = ({ key, share, smallestCohort = 3 }: PaillierSite): SumProtocol<'linear'>['contribute'] => {
  let encryption: PaillierEncryption | undefined
  return async (how, input, me, to, signal) => {
    const { bits } = how.linear
    const mine = how.linear.toRing(how.lift(input, me))
    const own = (encryption ??= paillierEncryption(key))
    const rng = csprng()
    const { pack, count } = packing(key, bits)
    const codec = cipherCodec(key)
    await to.send(listed(codec, count(mine.length)).encode(pack(mine).map((plain) => own.encrypt(plain, rng))))
    const { from, ciphers } = sumCodec.decode(await to.receive(signal))
    const different = new Set(from).size
    if (!from.includes(me) || different !== from.length || different < smallestCohort || ciphers.length !== count(mine.length))
      throw broken(`a sum of at least ${smallestCohort} nodes, this one among them`, `one of ${different}`, me)
    const openings = ciphers.map((cipher) => openPartly(key, share, codec.decode(cipher, me)).value)
    await to.send(structuredOpening.encode({ point: Uint32Array.of(share.point), values: listed(codec, openings.length).encode(openings) }))
  }
}

const pointCodec = {
  encode: (value: Uint32Array): Uint8Array => Uint8Array.of(value[0]! & 255, value[0]! >> 8),
  decode: (bytes: Uint8Array): Uint32Array => {
    if (bytes.length !== 2)
      throw new YimengError({ code: 'encrypted-frame', cannot: 'read opening', expected: 'a point of 2 bytes', got: `${bytes.length}` })
    return Uint32Array.of(bytes[0]! | (bytes[1]! << 8))
  },
}
const structuredOpening = structCodec<{ readonly point: Uint32Array; readonly values: Uint8Array }>({
  point: pointCodec,
  values: bytesCodec,
})

const collecting =
  (key: PaillierKey): SumProtocol<'linear'>['collect'] =>
  async (how, cohort) => {
    const { bits, length } = how.linear
    const { count, unpack } = packing(key, bits)
    const blocks = count(length)
    const codec = cipherCodec(key)
    const ciphers = listed(codec, blocks)
    const refused = new Map<NodeId, string>()
    const square = key.n * key.n
    let total = Array.from({ length: blocks }, () => 1n)
    const from: NodeId[] = []
    await gather(
      cohort,
      refused,
      async (channel, waiting, node) => ciphers.decode(await channel.receive(waiting), node),
      (mine, node) => {
        total = total.map((sum, block) => (sum * mine[block]!) % square)
        from.push(node)
      },
    )
    from.sort()
    const lost = { kind: 'lostQuorum', from, refused } as const
    if (from.length < Math.max(cohort.quorum, key.threshold) || from.length > MOST_NODES) return lost
    const frame = sumCodec.encode({ from, ciphers: total.map(codec.encode) })
    const openings: PartialOpening[][] = Array.from({ length: blocks }, () => [])
    await gather(
      { ...cohort, links: new Map(from.map((node) => [node, cohort.links.get(node)!])) },
      refused,
      async (channel, waiting, node) => {
        await channel.send(frame)
        const { point, values } = structuredOpening.decode(await channel.receive(waiting))
        return { point: point[0]!, values: ciphers.decode(values, node) }
      },
      ({ point, values }) => {
        for (const [block, value] of values.entries()) openings[block]!.push({ point, value })
      },
    )
    if ((openings[0]?.length ?? key.threshold) < key.threshold) return lost
    let plains: readonly bigint[]
    try {
      plains = openings.map((each) => combineOpenings(key, each))
    } catch (error) {
      // an opening that fits no other: whose, cannot be told without proofs
      if (!(error instanceof YimengError)) throw error
      for (const node of from) if (!refused.has(node)) refused.set(node, error.message)
      return lost
    }
    return { kind: 'collected', total: how.linear.fromRing(unpack(plains, length)), from, refused }
  }

/** The sum as a site takes part in it. Its server side is there too: it uses the public key alone. */
export const paillierEncrypted = (site: PaillierSite): SumProtocol<'linear'> => ({
  name: 'encrypted',
  carries: 'linear',
  contribute: contributing(site),
  collect: collecting(site.key),
})

/** The server's protocol: the public key is all that it has, so it contributes nothing and opens nothing alone. */
export const paillierServer = (key: PaillierKey): Pick<SumProtocol<'linear'>, 'name' | 'carries' | 'collect'> => ({
  name: 'encrypted',
  carries: 'linear',
  collect: collecting(key),
})
