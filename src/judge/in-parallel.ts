// Trainings side by side.

/** Does the jobs, so many at a time, begun in order; results in order. After a failure none is begun any more; it is thrown when those under way have ended. */
export const inParallel = async <T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = []
  const failures: unknown[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      while (next < items.length && failures.length === 0) {
        const at = next++
        try {
          results[at] = await work(items[at] as T)
        } catch (error) {
          failures.push(error)
        }
      }
    }),
  )
  if (failures.length > 0) throw failures[0]
  return results
}
