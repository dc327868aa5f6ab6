import { afterAll, describe, expect, test } from 'vitest'
import { type Journal, memoryNodeStore, type NodeStore, openJournal } from '../index.ts'

const journals: Journal[] = []
afterAll(() => Promise.all(journals.map((journal) => journal.close())))

const makers: Readonly<Record<string, () => Promise<NodeStore>>> = {
  memory: async () => memoryNodeStore(),
  journal: async () => {
    const journal = await openJournal(':memory:')
    journals.push(journal)
    return journal.nodeStore('run', 'node')
  },
}
const state = (x: number) => Uint8Array.of(x)

describe.each(Object.entries(makers))('a node store (%s)', (_, make) => {
  test('commits what is pending under this very attempt, and nothing else', async () => {
    const store = await make()
    expect(await store.committed('train')).toBeUndefined()
    await store.pend('train', 1, 1, state(1))
    expect(await store.committed('train')).toBeUndefined()
    await store.commit('train', 1, 2)
    await store.commit('train', 2, 1)
    await store.commit('analyse', 1, 1)
    expect(await store.committed('train')).toBeUndefined()
    // an onlooker sees what the attempt leaves before the node has heard of the commit, and after
    expect(await store.after('train', 1, 2)).toBeUndefined()
    expect(await store.after('train', 1, 1)).toMatchObject({ round: 1, state: state(1) })
    await store.commit('train', 1, 1)
    expect(await store.after('train', 1, 1)).toMatchObject({ round: 1, state: state(1) })
    await store.pend('train', 2, 1, state(2))
    expect(await store.after('train', 1, 1)).toMatchObject({ round: 1, state: state(1) })
    await store.discard('train')
    expect(await store.committed('train')).toMatchObject({ round: 1, state: state(1) })
    // told twice
    await store.commit('train', 1, 1)
    expect(await store.committed('train')).toMatchObject({ round: 1, state: state(1) })
  })

  test('a newer attempt takes the place of a pending one; a discarded one is gone', async () => {
    const store = await make()
    await store.pend('train', 1, 1, state(1))
    await store.pend('train', 1, 2, state(2))
    await store.commit('train', 1, 1)
    expect(await store.committed('train')).toBeUndefined()
    await store.commit('train', 1, 2)
    await store.pend('train', 2, 1, state(3))
    await store.discard('train')
    await store.commit('train', 2, 1)
    expect(await store.committed('train')).toMatchObject({ round: 1, state: state(2) })
  })
})
