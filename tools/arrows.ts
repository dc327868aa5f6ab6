// The arrow check: holds every import against the house (tools/house.ts). Run: node tools/arrows.ts
import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'
import { arrows, browserRooms, clockRoom, emptyNames, engineFolders, entrances, reach, typeArrows } from './house.ts'
import { type Source, sources } from './source.ts'

interface Import {
  readonly from: string
  readonly specifier: string
  /** Resolved path inside the project; undefined for a package or a `node:` module. */
  readonly to: string | undefined
  readonly typeOnly: boolean
}

const importsOf = ({ path, text }: Source): readonly Import[] => {
  const { module } = parseSync(path, text)
  const resolve = (specifier: string) => (specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined)
  const found = (specifier: string, typeOnly: boolean): Import => ({ from: path, specifier, to: resolve(specifier), typeOnly })
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) =>
      found(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType)),
    ),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.moduleRequest === null ? [] : [found(entry.moduleRequest.value, entry.isType)])),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest }) => {
      const literal = /^['"](.*)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1]
      return literal === undefined ? [] : [found(literal, false)]
    }),
  ]
}

const roomOf = (path: string): string | undefined => /^src\/([^/]+)/.exec(path)?.[1]

const isTest = (path: string) => /\.(test|test-d|suite)\.ts$/.test(path)

const importFault = ({ from, specifier, to, typeOnly }: Import): string | undefined => {
  const room = roomOf(from)
  if (room === undefined) return undefined
  const packageName = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  const engine = engineFolders[packageName]
  if (engine !== undefined && !isTest(from) && !engine.some((folder) => from.startsWith(folder)))
    return `only ${engine.join(', ')} may import ${packageName}`
  if (specifier.startsWith('node:')) {
    const isNodeFile =
      from.endsWith('.node.ts') || from.endsWith('/node.ts') || from.startsWith('src/learn/engines/native/') || isTest(from)
    return browserRooms.includes(room) && !isNodeFile ? `${room} runs in a browser: ${specifier} belongs in a *.node.ts file` : undefined
  }
  const target = to === undefined ? undefined : roomOf(to)
  if (to === undefined || target === undefined || target === room) return undefined
  if (arrows[room] === undefined || arrows[target] === undefined)
    return `unknown room: ${arrows[room] === undefined ? room : target} is not in tools/house.ts`
  const allowed = reach(room).has(target) || (typeOnly && typeArrows[room]?.includes(target) === true)
  // a room's tests may borrow a real implementation from anywhere below them, but never turn an arrow of the product round
  if (!allowed && !(isTest(from) && to.endsWith('.suite.ts'))) return `${room} must not import ${target}${typeOnly ? ' (types)' : ''}`
  if (target !== 'index.ts' && !entrances.some((entrance) => entrance.test(to))) return `imports past ${target}'s entrance: ${to}`
  return undefined
}

const cycles = (imports: readonly Import[]): readonly string[] => {
  const edges = new Map<string, string[]>()
  for (const { from, to, typeOnly } of imports) if (to !== undefined && !typeOnly) edges.set(from, [...(edges.get(from) ?? []), to])
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      found.push(`${path}: import cycle ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
      return
    }
    state.set(path, 'open')
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}

const textFaults = ({ path, text }: Source): readonly string[] => {
  const faults: string[] = []
  if (roomOf(path) !== undefined && !path.startsWith(clockRoom) && !isTest(path)) {
    for (const name of ['Math.random', 'Date.now'])
      if (text.includes(`${name}(`)) faults.push(`${path}: ${name} may be used in ${clockRoom} only`)
  }
  const words = posix.basename(path).split(/[^a-z]+/i)
  for (const word of emptyNames)
    if (words.includes(word)) faults.push(`${path}: '${word}' names no idea; name the noun that the file exports`)
  return faults
}

/** Every fault of the given files, one line each. */
export const arrowFaults = (files: readonly Source[]): readonly string[] => {
  const imports = files.flatMap(importsOf)
  return [
    ...imports.flatMap((entry) => {
      const fault = importFault(entry)
      return fault === undefined ? [] : [`${entry.from}: ${fault}`]
    }),
    ...cycles(imports),
    ...files.flatMap(textFaults),
  ]
}

if (import.meta.main) {
  const files = sources(['src'])
  const faults = arrowFaults(files)
  for (const fault of faults) console.error(fault)
  console.log(`arrows: ${files.length} files, ${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
