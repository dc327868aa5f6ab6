import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compile, modules, stale } from './wasm.ts'

test('the modules in the tree are what their sources compile to', async () => {
  expect((await stale()).map(({ target }) => target)).toEqual([])
})

test.each(modules)('$target imports nothing and loads', async ({ target }) => {
  const text = readFileSync(new URL(`../${target}`, import.meta.url), 'utf8')
  const base64 = /'([A-Za-z0-9+/=]+)'/.exec(text)?.[1] ?? ''
  const module = await WebAssembly.compile(Buffer.from(base64, 'base64'))
  expect(WebAssembly.Module.imports(module)).toEqual([])
  expect(WebAssembly.Module.exports(module).length).toBeGreaterThan(1)
})

test('a source that does not compile is refused with the compiler’s words', async () => {
  await expect(compile({ source: 'tools/wasm.test.ts', target: '', constant: 'none' })).rejects.toThrow(/tools\/wasm\.test\.ts: .*ERROR/s)
})
