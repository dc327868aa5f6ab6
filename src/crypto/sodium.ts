// libsodium (WebAssembly), loaded when it is first needed.
import type sodium from 'libsodium-wrappers-sumo'

/** The library. */
export type Sodium = typeof sodium

let loading: Promise<Sodium> | undefined

const load = async (): Promise<Sodium> => {
  const { default: library } = await import('libsodium-wrappers-sumo')
  // oxlint-disable-next-line import/no-named-as-default-member -- the named exports stay empty until this promise is kept
  await library.ready
  return library
}

/** libsodium, ready for use. */
export const libsodium = (): Promise<Sodium> => (loading ??= load())
