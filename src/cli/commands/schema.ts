// `yimeng schema`: the JSON Schema of run specs, for editors.
import { z } from 'zod'
import { runSpecSchema } from '../../tasks/index.ts'
import type { Terminal } from '../terminal.ts'

/** Prints the schema of specs as people write them: with defaults, and only `task` required. */
export const schema = async ({ data, result }: Terminal): Promise<void> => {
  const written = z.toJSONSchema(runSpecSchema, { io: 'input' })
  data(`${JSON.stringify(written, null, 2)}\n`)
  result({ ...written })
}
