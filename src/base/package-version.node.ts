// Which Yimeng this is.
import { readFileSync } from 'node:fs'

/** Version of this package. */
export const packageVersion: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version
