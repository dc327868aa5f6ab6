import { expect, test } from 'vitest'
import { place } from '../command.suite.ts'

const { run } = place()

test('without peers ours is measured, and what was not compared is said loudly', async () => {
  const { code, stdout, stderr } = await run(
    'bench',
    'engine',
    '--only',
    'gru',
    '--rounds',
    '1',
    '--python',
    'no-such-python',
    '--tfjs',
    '.',
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/gru +[\d.]+/)
  expect(stderr).toContain('NOT COMPARED with PyTorch: no-such-python')
  expect(stderr).toContain('NOT COMPARED with TensorFlow.js: no @tensorflow/tfjs')
})

test('wrong options are refused by name', async () => {
  expect((await run('bench', 'engine', '--only', 'gpt')).stderr).toContain('got gpt')
  expect((await run('bench', 'engine', '--rounds', '0')).stderr).toContain('--rounds: a whole number from 1, got 0')
  expect((await run('bench', 'simulate', '--clients', '10,many')).stderr).toContain('--clients: a whole number from 1, got many')
  expect((await run('bench', 'simulate', '--cnn', '-1')).stderr).toContain('--cnn: a whole number from 0, got -1')
})
