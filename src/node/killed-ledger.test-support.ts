// A process for tests: charges rounds in a folder's ledger without end, tells each on stdout once the charge is stored, and is killed from outside.
// node killed-ledger.test-support.ts FOLDER
import { rdp } from '../privacy/index.ts'
import { siteLedger } from './ledger.ts'

const ledger = await siteLedger(process.argv[2] ?? '')
const cost = {
  event: { kind: 'gaussian', noiseMultiplier: 50 },
  budget: { epsilon: 1e6, delta: 1e-5 },
  unit: 'record',
  accountant: rdp(),
} as const
for (let round = 1; ; round += 1) {
  await ledger.charge({ run: 'killed', round, attempt: 0 }, cost)
  console.log(String(round))
}
