// Which programs made the numbers.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { packageVersion } from '../base/node.ts'
import type { RunSpec } from '../tasks/index.ts'
import type { Versions } from './comparison.ts'

const versionIn = (json: string): string => (JSON.parse(json) as { readonly version: string }).version

/** Versions for a run on this machine with this engine. */
export const versionsOf = (engine: RunSpec['engine']['kind']): Versions => ({
  yimeng: packageVersion,
  node: process.versions.node,
  engine:
    engine === 'native'
      ? `ONNX Runtime ${versionIn(readFileSync(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'), 'utf8'))}`
      : 'reference engine',
  platform: `${platform()}-${arch()}`,
})
