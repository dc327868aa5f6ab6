// The page of examples/browser in Chromium: it trains the digits CNN to the same losses as Node does.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { chromium } from 'playwright'
import { expect, test } from 'vitest'
import { createServer } from 'vite'
import { digitsOf, trainDigits } from '../examples/browser/digits.ts'
import { nativeEngine } from '../src/learn/engines/native/index.ts'
import { chromiumPath } from '../tools/chromium.ts'

const executablePath = chromiumPath()
const why = executablePath === undefined ? ' (NOT RUN, nor is test/browser: no Chromium found; set CHROMIUM_PATH)' : ''
const root = new URL('../', import.meta.url)

const curveOfPage = async (path: string): Promise<readonly number[]> => {
  const server = await createServer({
    root: fileURLToPath(root),
    configFile: false,
    logLevel: 'error',
    server: { port: 0 },
    optimizeDeps: { noDiscovery: true },
  })
  const browser = await chromium.launch({ executablePath: path })
  try {
    await server.listen()
    const page = await browser.newPage()
    await page.goto(new URL('examples/browser/index.html', server.resolvedUrls?.local[0]).href)
    const curve = page.locator('#curve:not(:empty)')
    await curve.waitFor({ state: 'attached' })
    return ((await curve.textContent()) ?? '').split(' ').map(Number)
  } finally {
    await browser.close()
    await server.close()
  }
}

test.skipIf(executablePath === undefined)(`the browser’s page trains to the losses of the native engine${why}`, async () => {
  const engine = nativeEngine()
  try {
    const csv = gunzipSync(readFileSync(new URL('data/digits/digits.csv.gz', root))).toString()
    const native = await trainDigits(engine, digitsOf(csv), 2)
    const page = await curveOfPage(executablePath ?? '')
    expect(page.length).toBe(native.length)
    const gap = Math.max(...native.map((loss, step) => Math.abs(loss - (page[step] ?? Number.NaN))))
    console.log(`digits CNN, ${native.length} steps: largest gap of the loss, browser against native: ${gap.toExponential(1)}`)
    expect(gap).toBeLessThan(1e-3)
    expect(native.at(-1)).toBeLessThan(0.5 * (native[0] ?? 0))
  } finally {
    await engine.close()
  }
})
