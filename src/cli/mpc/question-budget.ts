// How many items a peer may still ask about: every question is written down before it is answered, one line each in a file that is only ever appended to, so that neither a crash nor a
// second process forgets one.
import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { YimengError } from '../../base/index.ts'
import { makeFolder } from '../../base/node.ts'

/** Charges `items` to the account in `file`. @throws YimengError `psi-budget` beyond `budget` in all; what was refused stays charged. */
export const chargeQuestions = async (file: string, budget: number, items: number): Promise<void> => {
  await makeFolder(dirname(file), { secret: true })
  const account = await open(file, 'a', 0o600)
  try {
    await account.appendFile(`${items}\n`)
    await account.sync()
  } finally {
    await account.close()
  }
  const asked = (await readFile(file, 'utf8')).split('\n').reduce((sum, line) => sum + Number(line), 0)
  if (!(asked <= budget))
    throw new YimengError({
      code: 'psi-budget',
      cannot: 'answer questions',
      expected: `at most ${budget} items in all`,
      got: `${asked}`,
    })
}
