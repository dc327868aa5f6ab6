// Writes schema/run-spec.schema.json, which editors complete and check run specs with. Run: node tools/schema.ts
import { writeFileSync, mkdirSync } from 'node:fs'
import { z } from 'zod'
import { runSpecSchema } from '../src/tasks/index.ts'

/** The file's text: the schema of a spec as a person writes it. */
export const jsonSchemaText = (): string =>
  `${JSON.stringify({ title: 'Yimeng run', ...z.toJSONSchema(runSpecSchema, { io: 'input' }) }, null, 2)}\n`

if (import.meta.main) {
  mkdirSync(new URL('../schema/', import.meta.url), { recursive: true })
  writeFileSync(new URL('../schema/run-spec.schema.json', import.meta.url), jsonSchemaText())
}
