// A coordinator or a node in a process of its own: forked by alliance/processes.ts, told what to be in its first message. It ends when its parent does.
import type { Post, Told } from './processes.ts'

/** A parent that is gone is told nothing; its end is ours. */
const tell = (told: Told): void => void process.send?.(told, undefined, undefined, () => undefined)

const start = async (post: Post): Promise<() => Promise<void>> => {
  // each loads its own side only
  if (post.kind === 'coordinator') {
    const { coordinator } = await import('../../coordinator/index.ts')
    const { folder, port } = post
    const running = await coordinator({ folder, ...(port === undefined ? {} : { port }), onEvent: (event) => tell({ kind: 'run', event }) })
    tell({ kind: 'up', url: running.url, port: running.port })
    return running.close
  }
  const { node } = await import('../../node/index.ts')
  const { folder, giveUpMs } = post
  const running = await node({
    folder,
    onEvent: (event) => tell({ kind: 'node', event }),
    ...(giveUpMs === undefined ? {} : { giveUpMs }),
  })
  tell({ kind: 'up', url: running.site, port: 0 })
  running.done.catch((error: unknown) => tell({ kind: 'fault', message: error instanceof Error ? error.message : 'a fault' }))
  return running.close
}

process.once('message', (post: Post) => {
  const started = start(post)
  started.catch((error: unknown) => {
    tell({ kind: 'fault', message: error instanceof Error ? error.message : 'a fault' })
    process.exit(1)
  })
  const stop = (): void => void started.then((close) => close()).finally(() => process.exit(0))
  process.once('disconnect', stop)
  process.once('SIGTERM', stop)
  // Ctrl-C goes to the whole group: the parent decides
  process.on('SIGINT', () => undefined)
})
