// Runs every `@example` of the source: each ```ts block is a module of its own, with `assert` and all that the entrances of its room and of those below it export in scope.
// Run: node tools/examples.ts [folder …]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { reach } from './house.ts'
import { root, type Source, sources } from './source.ts'

interface Example {
  /** `path:line` of the block. */
  readonly where: string
  readonly room: string
  readonly code: string
}

const examplesOf = ({ path, text }: Source): readonly Example[] => {
  const room = /^src\/[^/]+(?=\/)/.exec(path)?.[0] ?? 'src'
  return [...text.matchAll(/^[ \t]*\* ```ts\n([\s\S]*?)^[ \t]*\* ```$/gm)].map((match) => ({
    where: `${path}:${text.slice(0, match.index).split('\n').length}`,
    room,
    code: (match[1] ?? '').replaceAll(/^[ \t]*\* ?/gm, ''),
  }))
}

/** Names that the entrances of a room export, as one import statement each. */
const scopeOf = async (room: string, files: readonly Source[]): Promise<string> => {
  const below = [...reach(room.replace('src/', ''))].flatMap((name) => [`src/${name}/index.ts`, `src/${name}/node.ts`])
  const entrances = below.filter((path) => files.some((file) => file.path === path))
  const lines = new Map<string, string>()
  for (const entrance of entrances) {
    const url = pathToFileURL(join(root, entrance)).href
    for (const name of Object.keys(await import(url))) if (!lines.has(name)) lines.set(name, `import { ${name} } from '${url}'`)
  }
  return [...lines.values()].join('; ')
}

const folders = process.argv.slice(2)
const files = sources(['src'])
const examples = files.flatMap(examplesOf).filter(({ where }) => folders.length === 0 || folders.some((folder) => where.startsWith(folder)))
// inside the project, so that packages resolve; never below node_modules, where Node refuses to strip types
const scratch = join(root, 'out/examples')
rmSync(scratch, { recursive: true, force: true })
mkdirSync(scratch, { recursive: true })
const scopes = new Map<string, string>()
let failed = 0
for (const [index, { where, room, code }] of examples.entries()) {
  if (!scopes.has(room)) scopes.set(room, await scopeOf(room, files))
  // an example's own imports and declarations win over the scope
  const scope = (scopes.get(room) ?? '')
    .split('; ')
    .filter((line) => new RegExp(`\\b${/\{ (\w+) \}/.exec(line)?.[1] ?? '$'}\\b`).test(code))
    .join('; ')
  const path = join(scratch, `${index}.ts`)
  writeFileSync(path, `import assert from 'node:assert/strict'; ${scope}\n${code}\nvoid assert\nexport {}\n`)
  try {
    await import(pathToFileURL(path).href)
  } catch (error) {
    failed++
    console.error(`${where}: this example fails\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}
rmSync(scratch, { recursive: true, force: true })
console.log(`examples: ${examples.length} run, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
