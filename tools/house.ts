// The house in data: rooms, and who may import whom (docs/architecture.md, section 2).

/** Rooms that a room imports directly; the check takes the transitive closure. `index.ts` is the public API, `cli` wires everything. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  algebra: ['base'],
  learn: ['algebra'],
  data: ['algebra'],
  privacy: ['algebra'],
  crypto: ['algebra'],
  mpc: ['crypto'],
  federated: ['algebra', 'privacy', 'crypto'],
  runtime: ['federated'],
  tasks: ['learn', 'data', 'privacy', 'mpc', 'federated'],
  simulation: ['runtime', 'tasks'],
  judge: ['simulation'],
  coordinator: ['runtime', 'tasks'],
  node: ['runtime', 'tasks'],
  'index.ts': ['simulation', 'judge', 'mpc'],
  cli: ['index.ts', 'coordinator', 'node', 'mpc'],
}

/** Rooms that `room` may import, itself included. */
export const reach = (room: string): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const next of arrows[name] ?? []) visit(next)
  }
  visit(room)
  return seen
}

/** Arrows that carry types only. */
export const typeArrows: Readonly<Record<string, readonly string[]>> = { data: ['learn'] }

/** Rooms that run in a browser: no `node:` import outside `*.node.ts` and the listed folders. */
export const browserRooms: readonly string[] = ['base', 'algebra', 'learn', 'federated', 'privacy', 'data']

/** Entrances of a room beside its `index.ts`; every other file is the room's own business. */
export const entrances: readonly RegExp[] = [
  /^src\/[^/]+\/index\.ts$/,
  // what needs Node stands in its own entrance, so that the index stays fit for a browser
  /^src\/[^/]+\/node\.ts$/,
  /^src\/learn\/engines\/[^/]+\/index\.ts$/,
  // the spec of a run is data: rooms that only describe runs need none of the round's machinery
  /^src\/federated\/spec\/index\.ts$/,
  // who only speaks to people needs none of the judge's machinery
  /^src\/judge\/words\.ts$/,
  // suites are written to be imported by the tests of other rooms
  /\.suite\.ts$/,
]

/** The only folders that may import an engine's native package. */
export const engineFolders: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['src/learn/engines/native/'],
  'onnxruntime-web': ['src/learn/engines/web/'],
}

/** Words that name no idea. */
export const emptyNames: readonly string[] = ['manager', 'helper', 'util', 'utils', 'service', 'handler']

/** Where wall clocks and unseeded randomness may be read. */
export const clockRoom = 'src/base/'
