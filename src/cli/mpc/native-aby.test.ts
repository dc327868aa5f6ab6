import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureNative, operationNumbers, timesOf } from './native-aby.ts'

// what the program prints, as its source has it (bench_operations.cpp): no binary of ABY is here
const report =
  'Base OTs:\t0.1\nOp\tSetup Time [ms] / Online Time [ms] / Setup Comm [Byte] / Online Comm [Byte] / Non-Linear Ops\n---\na2y\t\n64\t211.5\t71.25\t100\t200\t64\n'

test("times and numbers are read from ABY's own words", () => {
  expect(timesOf(report, 64)).toEqual([211.5, 71.25])
  expect(timesOf(report, 32)).toBeUndefined()
  expect(operationNumbers('Operations with IDs: \nOperation 0: xorbool\nOperation 29: a2y\n').get('a2y')).toBe(29)
})

test.skipIf(process.platform === 'win32')('both roles of a program are run; one that is not ABY is refused', async () => {
  const program = (body: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'yimeng-aby-')), 'bench_operations')
    writeFileSync(file, `#!${process.execPath}\n${body}`)
    chmodSync(file, 0o700)
    return file
  }
  const fake = program(`process.stdout.write(process.argv.includes('-l') ? 'Operation 29: a2y\\n' : ${JSON.stringify(report)})`)
  expect(await measureNative(fake)).toMatchObject([
    { name: '2000 x arithmetic to Yao', setupMs: 211.5, onlineMs: 71.25, perSecond: 2_000_000 / 282.75 },
  ])
  await expect(measureNative(program(''))).rejects.toMatchObject({ code: 'mpc-native' })
  await expect(measureNative('/no/such/program')).rejects.toMatchObject({ code: 'mpc-native' })
})
