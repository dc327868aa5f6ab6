// The coordinator's own certificates do not run out while it runs.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import { authority } from './authority.ts'
import { freshOperator, keepFresh, operatorOf } from './own-certificates.ts'
import { openRegistry } from './registry.ts'
import { secureApp } from './secure-app.ts'

const DAY_MS = 86_400_000
afterEach(() => vi.useRealTimers())

/** Serial number of the certificate that a port shows. */
const shown = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.once('error', reject)
  })

test('the port’s and the operator’s certificate are renewed while it runs, in their last thirty days at the latest, and the audit log says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-own-'))
  const ca = await authority(folder)
  const registry = await openRegistry(folder, ca)
  const app = secureApp(await ca.server(['127.0.0.1']), ca)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await freshOperator(folder, ca, registry)
  const [first, operator] = [await shown(port), await operatorOf(folder)]

  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  const rest = keepFresh(app, ['127.0.0.1'], { folder, ca, registry })
  /** Days pass, one at a time: what a day's look begins ends before the next. */
  const days = async (count: number): Promise<void> => {
    for (let day = 0; day < count; day += 1) {
      vi.advanceTimersByTime(DAY_MS)
      await registry.audit.settled()
    }
    await vi.waitFor(async () => expect(await shown(port)).toBeDefined())
  }
  try {
    await days(20)
    expect([await shown(port), await operatorOf(folder)]).toEqual([first, operator])
    await days(45)
    await vi.waitFor(async () => expect(await shown(port)).not.toBe(first))
    await vi.waitFor(async () => expect((await operatorOf(folder))?.certificate).not.toBe(operator?.certificate))
    await registry.audit.settled()
    expect((await registry.audit.entries()).filter(({ action }) => action === 'operatorAdmitted').length).toBeGreaterThanOrEqual(2)
  } finally {
    rest()
    await app.close()
    await registry.close()
    await rm(folder, { recursive: true })
  }
})
