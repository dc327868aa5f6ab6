// Sites that bind folders of their own pictures: a coordinator that holds none, and sites that have not all classes, train over HTTPS.
import 'reflect-metadata'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seed } from '../src/base/index.ts'
import { type Coordinator, coordinator } from '../src/coordinator/coordinator.ts'
import { addData, joinAlliance, node, setPolicy } from '../src/node/index.ts'
import { dryRun } from '../src/node/dry-run.ts'
import { resolveSpec, type RunSpecInput } from '../src/tasks/index.ts'

const SIDE = 8
const spec: RunSpecInput = {
  // no party opens this folder: the classes are named
  task: { images: { name: 'halves', folder: 'pictures', shape: [1, SIDE, SIDE], classes: ['left', 'right'] } },
  rounds: 6,
  engine: { kind: 'reference' },
}

/** A grey PNG (ISO/IEC 15948). */
const png = (pixels: Uint8Array): Uint8Array => {
  const chunk = (kind: string, body: Uint8Array): Buffer => {
    const named = Buffer.concat([Buffer.from(kind, 'latin1'), body])
    const frame = Buffer.alloc(8 + named.length)
    frame.writeUInt32BE(body.length)
    named.copy(frame, 4)
    frame.writeUInt32BE(crc32(named), 4 + named.length)
    return frame
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(SIDE, 0)
  head.writeUInt32BE(SIDE, 4)
  head[8] = 8
  const lines = Buffer.concat(Array.from({ length: SIDE }, (_, y) => [Uint8Array.of(0), pixels.subarray(y * SIDE, (y + 1) * SIDE)]).flat())
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(lines)), chunk('IEND', new Uint8Array(0))])
}
/** Bright on one side, with noise. */
const draw = async (folder: string, kind: string, count: number): Promise<void> => {
  const random = seed(count).split(folder, kind).random()
  await mkdir(join(folder, kind), { recursive: true })
  for (let i = 0; i < count; i += 1) {
    const lit = (x: number): boolean => x < SIDE / 2 === (kind === 'left')
    const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => random.integer(90) + (lit(at % SIDE) ? 120 : 0))
    await writeFile(join(folder, kind, `${i}.png`), png(pixels))
  }
}

let folder = ''
let middle: Coordinator
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-pictures-'))
  middle = await coordinator({ folder: join(folder, 'c') })
})
afterAll(async () => {
  await middle.close()
  await rm(folder, { recursive: true })
})

test('two sites with folders of pictures, one of which has one class only, train a model that both get', async () => {
  const classes: Readonly<Record<string, Readonly<Record<string, number>>>> = { basel: { left: 20, right: 20 }, bern: { right: 15 } }
  const running = []
  const received: string[] = []
  for (const [site, held] of Object.entries(classes)) {
    const [own, pictures] = [join(folder, site, 'node'), join(folder, site, 'pictures')]
    for (const [kind, count] of Object.entries(held)) await draw(pictures, kind, count)
    await joinAlliance(own, middle.url, await middle.invite(site))
    const { trainRows } = await addData(own, 'halves', resolveSpec(spec), { train: pictures })
    expect(trainRows).toBe(Object.values(held).reduce((sum, count) => sum + count, 0))
    await setPolicy(own, { approval: 'all' })
    running.push(await node({ folder: own, onEvent: (event) => void (event.kind === 'modelReceived' && received.push(event.modelHash)) }))
  }
  try {
    const { done } = await middle.begin(spec)
    const { metrics, modelHash, bySite } = await done
    expect(metrics.accuracy).toBeGreaterThan(0.9)
    expect(Object.keys(bySite)).toEqual(['basel', 'bern'])
    expect(received).toEqual([modelHash, modelHash])
    // a site that claims more rows than it joined with, so as to weigh more, is refused
    const [run] = middle.active()
    expect(() => run?.measured('basel', 1e9, { accuracy: 1 })).toThrow(expect.objectContaining({ code: 'measures-rows' }))
  } finally {
    for (const each of running) await each.close()
  }
})

test('pictures of a class that the task does not know are refused by name; what would leave is shown as for tables', async () => {
  const strange = join(folder, 'strange')
  await draw(strange, 'left', 2)
  await draw(strange, 'neither', 2)
  await expect(addData(join(folder, 'strange-node'), 'halves', resolveSpec(spec), { train: strange })).rejects.toMatchObject({
    code: 'data-class',
  })
  const { departures, trainRows, testRows } = await dryRun(join(folder, 'basel', 'node'), resolveSpec(spec), new AbortController().signal)
  expect(trainRows + testRows).toBe(40)
  expect(departures.find(({ what }) => what === 'update')?.bytes).toBeGreaterThan(1000)
})
