// End to end: a run that was stopped, or killed, goes on to the very model that it would have had.
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { entry, place } from '../src/cli/command.suite.ts'

const { folder, env, json, has } = place()
const digits = ['run', 'digits', '--set', 'rounds=60'] as const

/** Starts a run and signals it at the line of some round. Resolves to exit code, signal and what it said. */
const interrupted = (signal: NodeJS.Signals, ...args: readonly string[]) =>
  new Promise<{ code: number | null; by: NodeJS.Signals | null; said: string }>((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    let sent = false
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (sent || !/round 6\/60/.test(said)) return
      sent = true
      child.kill(signal)
    })
    child.on('exit', (code, by) => resolve({ code, by, said }))
  })

// a process cannot be sent a Ctrl-C on Windows; there only the console can
test.skipIf(process.platform === 'win32')('Ctrl-C stops cleanly, kill -9 does not; both go on to the same model', async () => {
  const whole = await json(...digits, '--quiet')

  const stopped = await interrupted('SIGINT', ...digits, '--out', 'results')
  expect(stopped.code).toBe(130)
  expect(has('results')).toBe(false)
  const [, stoppedRun = ''] = /yimeng run --resume (\S+)/.exec(stopped.said) ?? []
  expect(await json('runs', 'show', stoppedRun)).toMatchObject({ status: 'cancelled' })

  const killed = await interrupted('SIGKILL', ...digits)
  expect(killed.by).toBe('SIGKILL')
  const [left] = (await json('runs', 'list'))['runs'] as { runId: string; status: string }[]
  expect(left?.status).toBe('interrupted')

  for (const run of [stoppedRun, left?.runId ?? '']) {
    const resumed = await json('run', '--resume', run, '--quiet')
    expect(resumed['modelHash']).toBe(whole['modelHash'])
    expect(resumed['rounds']).toBe(60)
  }
})
