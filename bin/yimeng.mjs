#!/usr/bin/env node
// The `yimeng` command. Plain JavaScript: on an old Node it hands over to a newer one instead of failing on syntax.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { handOver, keepCompiled, nodePath, root, stays } from './node-path.mjs'

const node = nodePath()
if (node === undefined) {
  process.stderr.write(
    `yimeng needs Node 24.11 or newer, this is ${process.versions.node}. Run: npx -p node@24 -p yimeng yimeng …\n` +
      `yimeng 需要 Node 24.11 或更高版本，当前为 ${process.versions.node}。请运行：npx -p node@24 -p yimeng yimeng …\n`,
  )
  process.exit(1)
}
const source = join(root, 'src/cli/main.ts')
const entry = existsSync(source) ? source : join(root, 'dist/cli/main.js')
keepCompiled()
if (node === process.execPath && !stays(process.argv.slice(2))) {
  module.enableCompileCache()
  await import(new URL(`file://${entry.replaceAll('\\', '/').replace(/^(?!\/)/, '/')}`).href)
} else handOver(node, [entry, ...process.argv.slice(2)])
