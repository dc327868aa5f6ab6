// What the alliance's actions share: folders, words and numbers.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { yimengHome } from '../../../data/node.ts'
import { type CommonOptions, UsageError } from '../../options.ts'
import { Stopped, stoppable } from '../../stop.ts'
import type { Terminal } from '../../terminal.ts'
import { type AllianceTexts, allianceTexts } from '../texts/index.ts'
import { type Person, person } from '../person.ts'

/** Options of all. */
export interface FolderOptions extends CommonOptions {
  readonly folder?: string
}

/** Of an action at the coordinator's machine; its database is the folder's own, or a PostgreSQL. */
export interface CoordinatorOptions extends FolderOptions {
  readonly database?: string
  readonly blobs?: string
}

export const coordinatorFolder = ({ folder }: FolderOptions): string => folder ?? join(yimengHome(), 'coordinator')
export const nodeFolder = ({ folder }: FolderOptions): string => folder ?? join(yimengHome(), 'node')
export const personFolder = ({ folder }: FolderOptions): string => folder ?? join(yimengHome(), 'person')

/** The URL of the coordinator's database, where it is not the folder's own: an option, or the environment, which no process list shows. */
export const databaseOf = ({ database }: CoordinatorOptions): string | undefined => database ?? process.env['YIMENG_DATABASE']

/** Where large states and models are kept, where it is not beside the database. */
export const blobsOf = ({ blobs }: CoordinatorOptions): string | undefined => blobs ?? process.env['YIMENG_BLOBS']

export const textsOf = ({ language }: Terminal): AllianceTexts => allianceTexts[language]

/** A whole number of an option. */
export const counted = (text: string, name: string, from: number, to: number, { texts }: Terminal): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw new UsageError(texts.usage.badValue(name, text, texts.usage.wholeNumber(from, to)))
}

/** Works until it is told to stop: Ctrl-C is the ordinary end of a server. */
export const untilStopped = async (terminal: Terminal, over: Promise<void>): Promise<void> => {
  try {
    await stoppable(terminal, (signal) =>
      Promise.race([over, new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))]),
    )
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
}

/** Does something at the coordinator as whoever this machine's person is: its operator where the coordinator's folder is, else the one who has joined here. */
export const asPerson = async (options: FolderOptions, work: (person: Person) => Promise<void>): Promise<void> => {
  const own = coordinatorFolder(options)
  const speaking = await person(options.folder !== undefined || existsSync(own) ? own : personFolder(options))
  try {
    await work(speaking)
  } finally {
    speaking.close()
  }
}
