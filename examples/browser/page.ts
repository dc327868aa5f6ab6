// The page: fetches the digits, trains in WASM and draws the loss.
import * as runtime from 'onnxruntime-web/wasm'
import { webEngine } from '../../src/learn/engines/web/index.ts' // in your project: from 'yimeng/learn/web'
import { digitsOf, trainDigits } from './digits.ts'

const element = (id: string): Element => {
  const found = document.querySelector(`#${id}`)
  if (found === null) throw new RangeError(`no element ${id}`)
  return found
}

const draw = (curve: readonly number[]): void => {
  const top = Math.max(...curve)
  const points = curve.map((loss, step) => `${((step / curve.length) * 600).toFixed(1)},${(200 - (loss / top) * 200).toFixed(1)}`)
  element('line').setAttribute('points', points.join(' '))
  element('status').textContent = `step ${curve.length}, loss ${(curve.at(-1) ?? 0).toFixed(4)}`
}

/** The text of a file that the server may have unpacked on its way. */
const unpacked = async (file: Blob): Promise<string> => {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  const isGzip = first === 0x1f && second === 0x8b
  return isGzip ? new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text() : file.text()
}

// one thread: pages need special headers for more
runtime.env.wasm.numThreads = 1
const engine = webEngine({ runtime })
try {
  const packed = await (await fetch(new URL('../../data/digits/digits.csv.gz', import.meta.url))).blob()
  const curve = await trainDigits(engine, digitsOf(await unpacked(packed)), 2, draw)
  // the numbers themselves, for whoever wants to compare
  element('curve').textContent = curve.join(' ')
} catch (error) {
  element('status').textContent = error instanceof Error ? error.message : String(error)
} finally {
  await engine.close()
}
