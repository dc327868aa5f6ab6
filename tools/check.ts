// `npm test`: everything that must hold, cheapest first. `npm test -- lint types …` runs the named steps only.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source.ts'

const bin = (name: string, path: string) => [process.execPath, join(root, 'node_modules', name, path)]
const vitestReport = join(root, 'node_modules/.cache/vitest.json')

/** Name → command. Every command is run by this very Node: an older one may stand first on the PATH. */
const steps: Readonly<Record<string, readonly string[]>> = {
  types: [...bin('typescript', 'bin/tsc'), '--noEmit', '-p', '.'],
  lint: [...bin('oxlint', 'bin/oxlint'), '--type-aware', '--deny-warnings', 'src', 'tools', 'bench', 'examples', 'test'],
  format: [...bin('@biomejs/biome', 'bin/biome'), 'format', '.'],
  arrows: [process.execPath, 'tools/arrows.ts'],
  closures: [process.execPath, 'tools/closures.ts'],
  wasm: [process.execPath, 'tools/wasm.ts', '--check'],
  examples: [process.execPath, 'tools/examples.ts'],
  tests: [...bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
  documents: [process.execPath, 'tools/documents.ts'],
}

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in steps))
if (unknown.length > 0) {
  console.error(`cannot check: expected steps among ${Object.keys(steps).join(', ')}, got ${unknown.join(', ')}`)
  process.exit(2)
}
const failed: string[] = []
for (const [name, [command = '', ...args]] of Object.entries(steps)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  const start = performance.now()
  console.log(`── ${name}`)
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1' } })
  if (status !== 0) failed.push(name)
  console.log(`── ${name} ${status === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`)
if (chosen.length === 0 || chosen.includes('tests')) {
  const report = JSON.parse(readFileSync(vitestReport, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
  }
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`)
}
process.exitCode = failed.length === 0 ? 0 : 1
