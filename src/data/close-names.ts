// Names that a mistyped one may have meant.

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours (Damerau 1964). */
const distance = (a: string, b: string): number => {
  let older: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (older[j - 2] ?? 0) + 1)
      row.push(best)
    }
    older = last
    last = row
  }
  return last[b.length] ?? 0
}

/**
 * Up to `most` of the known names, the closest first: equal but for case, beginning alike, or a few letters away.
 *
 * @example
 * ```ts
 * assert.deepEqual(closeNames('outcme', ['age', 'Outcome', 'income']), ['Outcome'])
 * ```
 */
export const closeNames = (name: string, known: readonly string[], most = 3): readonly string[] => {
  const wanted = name.toLowerCase()
  return known
    .map((candidate) => {
      const text = candidate.toLowerCase()
      const begins = wanted.length > 1 && text.length > 1 && (text.startsWith(wanted) || wanted.startsWith(text))
      return { candidate, away: begins ? Math.min(1, distance(wanted, text)) : distance(wanted, text) }
    })
    .filter(({ away, candidate }) => away <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)))
    .sort((a, b) => a.away - b.away)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** What a message expects instead of an unknown name: the close ones, or all when they are few. */
export const oneOfNames = (name: string, known: readonly string[]): string => {
  const close = closeNames(name, known)
  if (close.length > 0) return close.join(' or ')
  return known.length <= 12 ? `one of ${known.join(', ')}` : `one of ${known.length} names (${known.slice(0, 5).join(', ')}, …)`
}
