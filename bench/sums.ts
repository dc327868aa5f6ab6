// A masked round against the plain one, in one process. Run: node bench/sums.ts [parameters] [sites, with commas] [share of dropouts]
// Sites' and server's CPU time are told apart by the phases: the sites work between the server's first frame of a phase and their last answer (adding the vectors as they arrive counts as
// theirs), the server works in the rest. Dropouts are lost after they dealt their shares and before they send their vector, which costs the server most.
import { type Channel, counted, memoryChannels, monotonicMs, sha256Hex } from '../src/base/index.ts'
import { masked, neighboursNeeded, plain, type SumProtocol, type Update, weightedMean } from '../src/federated/index.ts'

const parameters = Number(process.argv[2] ?? 1_000_000)
const cohorts = (process.argv[3] ?? '10,100').split(',').map(Number)
const dropoutShare = Number(process.argv[4] ?? 0.1)
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
  const how = weightedMean({ length: parameters })
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
  const names = Array.from({ length: sites }, (_, k) => `site-${String(k).padStart(3, '0')}`)
  const lines = names.map((node, k) => {
    const [here, there] = memoryChannels()
    const line = counted(there)
    let sent = 0
    // a plain sum has one frame; a masked one keys, shares, vector, unmasking
    const last = protocol.carries === 'any' ? 1 : 3
    const site: Channel = {
      ...line,
      send: async (frame) => {
        if (k < dropouts && (sent += 1) === last) return line.close()
        await line.send(frame)
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
    const group = [await play('plain', plain(), sites, dropouts), await play('masked, all neighbours', masked(), sites, dropouts)]
    if (k < sites - 1) group.push(await play(`masked, ${k} neighbours`, masked({ neighbours: risk }), sites, dropouts))
    const [first] = group
    for (const row of group) {
      if (row.hash !== first!.hash) throw new Error(`${row.sum} is not the plain sum`)
      rows.push(row)
    }
  }

console.log(`${parameters} parameters; sums equal bit for bit; seconds are one process's, CPU in seconds, MB without the model's broadcast`)
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
console.log(JSON.stringify({ bench: 'sums', parameters, rows }))
