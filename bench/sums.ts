// A masked and an encrypted round against the plain one, in one process. Run: node bench/sums.ts [parameters] [sites, with commas] [share of dropouts] [sums, with |] [bits]
// bits: of the ring, 64 or, as for clipped updates, 32 (values up to 16, weights up to 1024 in all, 17 bits behind the point).
// Sites' and server's CPU time are told apart by the phases: the sites work between the server's first frame of a phase and their last answer (adding the vectors as they arrive counts as
// theirs), the server works in the rest. Dropouts are lost after they dealt their shares and before they send their vector, which costs the server most.
import { type Channel, counted, csprng, memoryChannels, monotonicMs, sha256Hex } from '../src/base/index.ts'
import { ckks, ckksKey, combineKeyShares, dealKeyShares } from '../src/crypto/index.ts'
import { encrypted, masked, neighboursNeeded, plain, type SumProtocol, type Update, weightedMean } from '../src/federated/index.ts'

const parameters = Number(process.argv[2] ?? 1_000_000)
const cohorts = (process.argv[3] ?? '10,100').split(',').map(Number)
const dropoutShare = Number(process.argv[4] ?? 0.1)
const ringBits = process.argv[6] === '32' ? 32 : 64
const boundsIn = (width: 32 | 64) => (width === 64 ? {} : { bits: width, maxAbs: 2 ** 4, maxWeight: 2 ** 10 })
/** Beginnings of the sums' names; `masked, 32` leaves out the slowest. */
const asked = (process.argv[5] ?? 'masked|encrypted').split('|')
const risk = { corrupt: 0.2, dropouts: 0.1 }

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2)

interface Row {
  readonly sum: string
  readonly sites: number
  readonly dropouts: number
  readonly seconds: number
  readonly siteCpu: number
  readonly serverCpu: number
  readonly siteUp: number
  readonly siteDown: number
  readonly serverUp: number
  readonly serverDown: number
  readonly hash: string
}

const play = async (name: string, protocol: SumProtocol<'linear'> | SumProtocol<'any'>, sites: number, dropouts: number): Promise<Row> => {
  const how = weightedMean({ length: parameters, ...boundsIn(ringBits) })
  const update: Update = { values: Float32Array.from({ length: parameters }, (_, i) => Math.sin(i)), weight: 10 }
  const signal = new AbortController().signal
  // CPU up to now, booked on whoever worked last
  const cpu = { sites: 0, server: 0 }
  let booked = cpuMs()
  const book = (who: keyof typeof cpu): void => {
    const now = cpuMs()
    cpu[who] += now - booked
    booked = now
  }
  // each site has a machine of its own: here they take turns from the frame that asks for their vector to the vector, or a hundred of them would fight for one machine's caches
  let turn: Promise<unknown> = Promise.resolve()
  const names = Array.from({ length: sites }, (_, k) => `site-${String(k).padStart(3, '0')}`)
  const lines = names.map((node, k) => {
    const [here, there] = memoryChannels()
    // whole frames, so that the lost one is seen
    const { sendParts: _, ...line } = counted(there)
    let [sent, received] = [0, 0]
    let done = (): void => undefined
    // a plain sum has one frame; the others keys, shares, vector, shares again
    const last = protocol.carries === 'any' ? 1 : 3
    const site: Channel = {
      ...line,
      send: async (frame) => {
        sent += 1
        if (sent === last) done()
        if (k < dropouts && sent === last) return line.close()
        await line.send(frame)
      },
      receive: async (until) => {
        const frame = await line.receive(until)
        if ((received += 1) !== 2) return frame
        const before = turn
        turn = new Promise<void>((resolve) => (done = resolve))
        await before
        return frame
      },
    }
    const server: Channel = {
      ...here,
      send: async (frame) => {
        book('server')
        await here.send(frame)
      },
      receive: async (until) => {
        const frame = await here.receive(until)
        book('sites')
        return frame
      },
    }
    return { node, site, server, line }
  })
  const began = monotonicMs()
  const parts = lines.map(({ node, site }) => protocol.contribute(how, update, node, site, signal).catch(() => undefined))
  const cohort = { links: new Map(lines.map(({ node, server }) => [node, server])), quorum: 2, signal }
  const collected = await protocol.collect(how, cohort)
  book('server')
  const seconds = (monotonicMs() - began) / 1000
  for (const { server } of lines) await server.close()
  await Promise.all(parts)
  if (collected.kind !== 'collected') throw new Error(`lost quorum: ${[...collected.refused.values()].join('; ')}`)
  const traffic = lines.map(({ line }) => line.traffic())
  const one = traffic.at(-1) ?? { sent: 0, received: 0 }
  return {
    sum: name,
    sites,
    dropouts,
    seconds,
    siteCpu: cpu.sites / 1000 / sites,
    serverCpu: cpu.server / 1000,
    siteUp: one.sent,
    siteDown: one.received,
    serverUp: traffic.reduce((sum, { sent }) => sum + sent, 0),
    serverDown: traffic.reduce((sum, { received }) => sum + received, 0),
    hash: sha256Hex(how.total.encode(collected.total)),
  }
}

const rows: Row[] = []
for (const sites of cohorts)
  for (const dropouts of [0, Math.round(sites * dropoutShare)]) {
    const k = neighboursNeeded(sites, risk, 2 / 3)
    const sums: readonly (readonly [string, () => SumProtocol<'linear'>])[] = [
      ['masked, all neighbours', () => masked()],
      ...(k < sites - 1 ? [[`masked, ${k} neighbours`, () => masked({ neighbours: risk })] as const] : []),
      ['encrypted, CKKS', () => encrypted()],
    ]
    const group = [await play('plain', plain(), sites, dropouts)]
    for (const [name, protocol] of sums.filter(([each]) => asked.some((start) => each.startsWith(start))))
      group.push(await play(name, protocol(), sites, dropouts))
    const [first] = group
    for (const row of group) {
      if (row.hash !== first!.hash) throw new Error(`${row.sum} is not the plain sum`)
      rows.push(row)
    }
  }

console.log(
  `${parameters} parameters in a ring of ${ringBits} bits; sums equal bit for bit; seconds are one process's, CPU in seconds, MB without the model's broadcast`,
)
console.log('sum | sites | lost | seconds | CPU a site | CPU server | MB up a site (× plain) | MB down a site | MB at server')
for (const row of rows) {
  const base = rows.find(({ sum, sites, dropouts }) => sum === 'plain' && sites === row.sites && dropouts === row.dropouts)!
  const up = `${megabytes(row.siteUp)} (${(row.siteUp / base.siteUp).toFixed(3)})`
  console.log(
    [
      row.sum,
      row.sites,
      row.dropouts,
      row.seconds.toFixed(2),
      row.siteCpu.toFixed(3),
      row.serverCpu.toFixed(2),
      up,
      megabytes(row.siteDown),
      megabytes(row.serverUp + row.serverDown),
    ].join(' | '),
  )
}
/** CPU seconds of the scheme alone: one site's encryption, adding one ciphertext, opening. */
const schemeAlone = async (bits: 32 | 64) => {
  const scheme = ckks(bits)
  const rng = csprng()
  const seed = new Uint8Array(32).fill(1)
  const lifted = weightedMean({ length: parameters - 4, ...boundsIn(bits) })
  const vector = lifted.linear.toRing(lifted.lift({ values: new Float32Array(parameters - 4).fill(0.5), weight: 1 }, 'site'))
  const key = ckksKey(rng)
  const timed = async <T>(work: () => T | Promise<T>): Promise<readonly [T, number]> => {
    const from = cpuMs()
    const result = await work()
    return [result, (cpuMs() - from) / 1000]
  }
  await scheme.encrypt(key, vector.subarray(0, 8192), seed, rng)
  const rounds: number[] = []
  let cipher: Uint32Array = new Uint32Array(0)
  for (let k = 0; k < 5; k += 1) {
    const [made, seconds] = await timed(() => scheme.encrypt(key, vector, seed, rng))
    cipher = made
    rounds.push(seconds)
  }
  const encrypt = rounds.sort((a, b) => a - b)[2]!
  const [, add] = await timed(() => scheme.add(new Uint32Array(cipher.length), cipher))
  const sumKey = combineKeyShares(dealKeyShares(key, { threshold: 2, holders: 3 }, rng).slice(0, 2), 1)!
  const [, open] = await timed(() => scheme.open(sumKey, cipher, seed))
  const millions = parameters / 1e6
  console.log(
    `CKKS, elements of ${bits} bits: ${(millions / encrypt).toFixed(1)} M floats/s encrypted (median of 5), ${(millions / add).toFixed(0)} M/s added, ${(millions / open).toFixed(1)} M/s opened; ${((4 * cipher.length) / parameters).toFixed(0)} bytes a float, ${(cipher.length / parameters).toFixed(0)} × float32`,
  )
}
for (const bits of [32, 64] as const) await schemeAlone(bits)
console.log(JSON.stringify({ bench: 'sums', parameters, bits: ringBits, rows }))
