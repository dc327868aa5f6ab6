// What measurements are held against: our targets, and stock ABY's own figures, which were measured once (whole operations over TCP, one core of an AMD EPYC Zen 3 at 2.45 GHz, gcc 12).

/** What is known about one of our measurements. */
export interface Reference {
  /** Beginning of its name. */
  readonly name: string
  /** Per second of one core. */
  readonly target?: number
  /** Stock ABY, per second. */
  readonly aby?: number
  /** Whether ABY's figure is per second of one core or of the clock. */
  readonly clock?: 'core' | 'wall'
}

const references: readonly Reference[] = [
  { name: 'garble', aby: 1.65e6, clock: 'core', target: 10e6 },
  { name: 'evaluate', aby: 2.5e6, clock: 'core', target: 14e6 },
  { name: 'random transfers', target: 10e6 },
  { name: 'product triples', aby: 43e3, clock: 'core', target: 85e3 },
  { name: 'AND gates by XOR shares', aby: 3.6e6, clock: 'core', target: 3.5e6 },
  { name: 'product of 512', target: 1000 / 150 },
  { name: '2000 x arithmetic to Yao', aby: 2000 / 0.282, clock: 'wall' },
  { name: '2000 x Boolean to arithmetic', aby: 2000 / 0.147, clock: 'wall' },
  { name: '5000 x Boolean to Yao', aby: 5000 / 0.346, clock: 'wall' },
  { name: '5000 x Yao to Boolean', aby: 5000 / 0.399, clock: 'wall' },
]

/** What a measurement of this name is held against. */
export const referenceOf = (name: string): Reference | undefined => references.find((one) => name.startsWith(one.name))
