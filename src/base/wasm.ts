// WASM modules kept as base64 constants (tools/wasm.ts makes them), so that they load in browsers and Node without a file or a request.
import { YimengError } from './errors.ts'

/**
 * The exports of a module without imports. Small modules only: this is synchronous.
 *
 * @throws YimengError `wasm` where the platform has no WebAssembly with 128-bit SIMD.
 */
export const wasmExports = (base64: string): WebAssembly.Exports => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports
  } catch (cause) {
    throw new YimengError({
      code: 'wasm',
      cannot: 'load kernel',
      expected: 'a platform with WebAssembly and its SIMD',
      got: 'another',
      cause,
    })
  }
}
