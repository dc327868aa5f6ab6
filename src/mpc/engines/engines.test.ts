import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import type { SecureProgram } from '../secure.ts'
import { runSecurely } from './aby.ts'
import { costOf } from './cost.ts'
import { engineLaws, type RunProgram } from './engine.suite.ts'
import { plainEngine } from './plain.ts'

const onPlain: RunProgram = (program, input) => program(plainEngine(), input)

const bothSides = async <I, O>(program: SecureProgram<I, O>, input: I) => {
  const [a, b] = memoryChannels()
  const run = { program: 'test' }
  return Promise.all([runSecurely(a, 'guest', run, program, input), runSecurely(b, 'host', run, program, input)])
}

const onAby: RunProgram = async (program, input) => {
  const [guest, host] = await bothSides(program, input)
  expect(host.result).toEqual(guest.result)
  // the cost engine is right to the byte, whatever the program
  const cost = await costOf(program, input)
  expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
  return guest.result
}

for (const [name, law] of Object.entries(engineLaws)) {
  test(`plain: ${name}`, () => law(onPlain))
  test(`aby, and cost equal to the byte: ${name}`, () => law(onAby))
}
