// Coordinators and nodes as child processes, each with a folder of its own: the alliance on one machine.
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { YimengError } from '../../base/index.ts'
import type { RunEvent } from '../../federated/spec/index.ts'
import type { NodeEvent } from '../../node/index.ts'

/** What a child is to be. */
export type Post =
  | { readonly kind: 'coordinator'; readonly folder: string; readonly port?: number }
  | { readonly kind: 'node'; readonly folder: string; readonly giveUpMs?: number }

/** What a child tells. */
export type Told =
  | { readonly kind: 'up'; readonly url: string; readonly port: number }
  | { readonly kind: 'run'; readonly event: RunEvent }
  | { readonly kind: 'node'; readonly event: NodeEvent }
  | { readonly kind: 'fault'; readonly message: string }

/** A child that is up. */
export interface PostedProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly port: number
  /** Asks it to stop and waits; by force after five seconds. */
  readonly stop: () => Promise<void>
  /** kill -9. */
  readonly kill: () => Promise<void>
}

const STOP_MS = 5_000
const file = (name: string): string => fileURLToPath(new URL(`${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))

const longStay = JSON.parse(readFileSync(new URL('../../../bin/long-stay.json', import.meta.url), 'utf8')) as {
  readonly environment: Readonly<Record<string, string>>
  readonly nodeOptions: string
}
/** The environment of a child that stays for days, as the entries in `bin/` have it for `yimeng up` and `yimeng node start`. */
export const longStaying = (): NodeJS.ProcessEnv => ({
  ...longStay.environment,
  ...process.env,
  NODE_OPTIONS: `${longStay.nodeOptions} ${process.env['NODE_OPTIONS'] ?? ''}`,
})

/** Starts a child and waits until it is up. @throws YimengError `process-failed` */
export const posted = (post: Post, told: (told: Told) => void = () => undefined): Promise<PostedProcess> =>
  new Promise((resolve, reject) => {
    const child = fork(file('process'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: longStaying() })
    const gone = new Promise<void>((left) => child.once('exit', () => left()))
    const fail = (got: string): void =>
      reject(new YimengError({ code: 'process-failed', cannot: `start ${post.kind}`, expected: 'a process that is up', got }))
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => fail(`one that ended with ${code}`))
    child.on('message', (message: Told) => {
      told(message)
      if (message.kind === 'fault') fail(message.message)
      if (message.kind === 'up')
        resolve({
          child,
          url: message.url,
          port: message.port,
          stop: async () => {
            child.kill('SIGTERM')
            const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
            await gone
            clearTimeout(force)
          },
          kill: async () => {
            child.kill('SIGKILL')
            await gone
          },
        })
    })
    child.send(post)
  })
