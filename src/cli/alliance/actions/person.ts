// A person of the alliance on a machine of their own.
import { joinAlliance } from '../../../node/index.ts'
import type { Terminal } from '../../terminal.ts'
import { type FolderOptions, personFolder, textsOf } from './shared.ts'

/** `alliance join` */
export const personJoin = async (
  url: string,
  code: string,
  options: FolderOptions & { readonly tunnel?: true },
  terminal: Terminal,
): Promise<void> => {
  const folder = personFolder(options)
  const { site: name, coordinator } = await joinAlliance(folder, url, code, { tunnel: options.tunnel === true })
  terminal.say(textsOf(terminal).personJoined(name, coordinator))
  terminal.result({ name, coordinator, folder })
}
