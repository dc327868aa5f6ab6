// Yao's millionaires: who is richer, and nothing else. Adversary: semi-honest. What leaks: which of "first", "second", "equal" holds, to both.
import type { Channel } from '../../base/index.ts'
import { words } from '../arithmetic/words.ts'
import { type RunOptions, runSecurely, type SecureOutcome } from '../engines/aby.ts'
import { equal, greaterThan } from '../operations.ts'
import type { Party } from '../party.ts'
import type { SecureProgram } from '../secure.ts'
import { checkFits, type IntegerWidth } from './integer-width.ts'

/** Who has more. */
export type Richer = Party | 'equal'

/** Compares one signed integer of each party, by a garbled circuit. */
export const millionaires =
  (width: IntegerWidth): SecureProgram<{ readonly guest?: bigint; readonly host?: bigint }, Richer> =>
  async (engine, input) => {
    const guest = await engine.shareLabels(
      engine.held('guest', () => words([checkFits(input.guest, width)])),
      1,
      width,
    )
    const host = await engine.shareLabels(
      engine.held('host', () => words([checkFits(input.host, width)])),
      1,
      width,
    )
    const more = await engine.open(await greaterThan(engine, guest, host, { signed: true }))
    const same = await engine.open(await equal(engine, guest, host))
    return same[0] === 1n ? 'equal' : more[0] === 1n ? 'guest' : 'host'
  }

/** My side of {@link millionaires} over `channel`. */
export const runMillionaires = (
  channel: Channel,
  me: Party,
  value: bigint,
  width: IntegerWidth = 64,
  options: RunOptions = {},
): Promise<SecureOutcome<Richer>> =>
  runSecurely(channel, me, { program: `millionaires ${width}`, ...options }, millionaires(width), {
    [me]: value,
  })
