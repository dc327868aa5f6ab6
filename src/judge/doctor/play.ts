// One round of a program over sites in this process, both projections over channels that carry bytes: for analytics without a run.
import { memoryChannels, type Seed, YimengError } from '../../base/index.ts'
import { clientSide, type NodeId, nodeSeed, type RoundProgram, serverSide } from '../../federated/index.ts'

/** Plays the program once. @throws YimengError of a site's or the server's own work; the signal's reason. */
export const playOnce = async <S, N, Site>(
  program: () => RoundProgram<S, N, Site>,
  state: S,
  sites: ReadonlyMap<NodeId, Site>,
  local: N,
  seed: Seed,
  signal: AbortSignal,
): Promise<S> => {
  const at = { run: 'doctor', round: 0, attempt: 1 }
  const pairs = new Map([...sites].map(([id]) => [id, memoryChannels()] as const))
  const stop = new AbortController()
  const nodes = [...sites].map(([id, site]) => {
    const node = { id, site, seed: nodeSeed(seed, 0, id), basedOn: 0, signal: stop.signal }
    const [, channel] = pairs.get(id) ?? memoryChannels()
    return clientSide({ ...at, program, node, local, channel })
  })
  const links = new Map([...pairs].map(([id, [here]]) => [id, here] as const))
  const outcome = await serverSide({ ...at, program, state, cohort: { links, quorum: sites.size, signal } })
  for (const link of links.values()) await link.close()
  stop.abort()
  const ends = await Promise.all(nodes)
  if (outcome.kind === 'committed') return outcome.state
  signal.throwIfAborted()
  const failed = ends.find((end) => end.kind === 'failed')
  const [site, why] = [...outcome.refused][0] ?? []
  throw failed?.kind === 'failed' && failed.error instanceof YimengError && failed.error.code !== 'channel-closed'
    ? failed.error
    : new YimengError({
        code: 'doctor',
        cannot: 'examine sites',
        expected: 'an answer of every site',
        got: why ?? 'a failure',
        where: site === undefined ? {} : { site },
        cause: outcome.error,
      })
}
