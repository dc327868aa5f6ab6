// Sites that bind folders of their own series: a file for each engine, trained on over HTTPS.
import 'reflect-metadata'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seed } from '../src/base/index.ts'
import { coordinator } from '../src/coordinator/coordinator.ts'
import { loadSeries } from '../src/data/node.ts'
import { addData, joinAlliance, node, setPolicy } from '../src/node/index.ts'
import { resolveSpec, type RunSpecInput } from '../src/tasks/index.ts'

const turbofan = await loadSeries('turbofan', { download: false }).catch(() => undefined)
const why = turbofan === undefined ? ' — SKIPPED: set YIMENG_DATA to a folder with cmapss/*_FD001.txt' : ''
if (turbofan === undefined) console.warn(`turbofan data are not on this machine: 1 test${why}`)

/** Engines of 36 cycles whose sensors drift towards the end. */
const writeEngines = async (folder: string, count: number, channels: readonly string[]): Promise<void> => {
  await mkdir(folder, { recursive: true })
  for (let engine = 0; engine < count; engine += 1) {
    const random = seed(engine).split(folder).random()
    const lines = Array.from({ length: 36 }, (_, t) =>
      [35 - t, ...channels.map((__, k) => (500 + k + t + random.normal()).toFixed(3))].join(),
    )
    await writeFile(join(folder, `engine-${engine}.csv`), `cycles left,${channels.join()}\n${lines.join('\n')}\n`)
  }
}

test.skipIf(turbofan === undefined)(`two fleets with files of their own train a model that both get${why}`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-series-'))
  const spec: RunSpecInput = { task: 'turbofan', model: { kind: 'gru', hidden: 4 }, rounds: 2, local: { steps: 2, batch: 8 } }
  const middle = await coordinator({ folder: join(folder, 'c') })
  const running = []
  const received: string[] = []
  try {
    for (const [site, engines] of Object.entries({ east: 4, west: 3 })) {
      const [own, files] = [join(folder, site, 'node'), join(folder, site, 'engines')]
      await writeEngines(files, engines, turbofan?.channels ?? [])
      await joinAlliance(own, middle.url, await middle.invite(site))
      // seven windows of thirty cycles in thirty-six
      expect((await addData(own, 'turbofan', resolveSpec(spec), { train: files })).trainRows).toBe(7 * engines)
      await setPolicy(own, { approval: 'all' })
      running.push(await node({ folder: own, onEvent: (event) => void (event.kind === 'modelReceived' && received.push(event.modelHash)) }))
    }
    const { metrics, modelHash, bySite } = await (await middle.begin(spec)).done
    expect(metrics.rmse).toBeGreaterThan(0)
    expect(Object.keys(bySite)).toEqual(['east', 'west'])
    expect(received).toEqual([modelHash, modelHash])
  } finally {
    for (const each of running) await each.close()
    await middle.close()
    await rm(folder, { recursive: true })
  }
})
