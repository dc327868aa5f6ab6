// Circuits in "Bristol Fashion" text (Archer, Abril Lopez, Maene and others 2020): a line with the numbers of gates and wires, one with the input widths, one with the output widths,
// then a gate a line: inputs, outputs, wires, kind. Inputs are the first wires, outputs the last.
import { YimengError } from '../../base/index.ts'
import { type Circuit, circuit, NOT, ONE, type Wire, ZERO } from './circuit.ts'

const fault = (expected: string, got: string, line: number): YimengError =>
  new YimengError({ code: 'bristol', cannot: 'read circuit', expected, got, where: { line } })

/**
 * Reads a circuit.
 *
 * @throws YimengError `bristol` with the line where the text is not a circuit.
 *
 * @example
 * ```ts
 * const and = readBristol('and', '1 3\n2 1 1\n1 1\n\n2 1 0 1 2 AND\n')
 * assert.equal(and.ands, 1)
 * ```
 */
export const readBristol = (name: string, text: string): Circuit => {
  const lines = text
    .split('\n')
    .map((line, i) => ({ words: line.trim().split(/\s+/), number: i + 1 }))
    .filter(({ words }) => words[0] !== '')
  const numbers = (index: number): readonly number[] => {
    const line = lines[index]
    const values = (line?.words ?? []).map(Number)
    if (values.length === 0 || values.some((value) => !Number.isInteger(value) || value < 0))
      throw fault('whole numbers', 'other text', line?.number ?? 0)
    return values
  }
  const [gates = 0, wires = 0] = numbers(0)
  const [inputCount = 0, ...inputs] = numbers(1)
  const [outputCount = 0, ...outputs] = numbers(2)
  if (inputs.length !== inputCount || outputs.length !== outputCount || lines.length !== gates + 3)
    throw fault(
      `${inputCount} inputs, ${outputCount} outputs and ${gates} gates`,
      `${inputs.length}, ${outputs.length} and ${lines.length - 3}`,
      1,
    )
  return circuit(name, inputs, (g, entering) => {
    const values: (Wire | undefined)[] = Array.from({ length: wires })
    entering.flat().forEach((wire, i) => {
      values[i] = wire
    })
    for (const { words, number } of lines.slice(3)) {
      const [inCount = 0, outCount = 0] = words.slice(0, 2).map(Number)
      const kind = words.at(-1) ?? ''
      const ends = words.slice(2, -1).map(Number)
      if (ends.length !== inCount + outCount) throw fault(`${inCount + outCount} wires`, `${ends.length}`, number)
      const [from, to] = [ends.slice(0, inCount), ends.slice(inCount)]
      const value = (end: number | undefined): Wire => {
        const wire = values[end ?? -1]
        if (wire === undefined) throw fault('a wire that has a value', `wire ${end}`, number)
        return wire
      }
      const set = (index: number, wire: Wire): void => {
        const end = to[index] ?? wires
        if (end >= wires) throw fault(`a wire below ${wires}`, `${end}`, number)
        values[end] = wire
      }
      if (kind === 'XOR') set(0, g.xor(value(from[0]), value(from[1])))
      else if (kind === 'AND') set(0, g.and(value(from[0]), value(from[1])))
      else if (kind === 'INV' || kind === 'NOT') set(0, g.not(value(from[0])))
      else if (kind === 'EQW') set(0, value(from[0]))
      else if (kind === 'EQ') set(0, from[0] === 0 ? ZERO : ONE)
      else if (kind === 'MAND') to.forEach((_, i) => set(i, g.and(value(from[i]), value(from[i + to.length]))))
      else throw fault('XOR, AND, INV, EQ, EQW or MAND', 'another kind', number)
    }
    let next = wires - outputs.reduce((sum, width) => sum + width, 0)
    return outputs.map((width) =>
      Array.from({ length: width }, () => {
        const wire = values[next]
        if (wire === undefined) throw fault('a value on every output', `none on wire ${next}`, lines.at(-1)?.number ?? 0)
        next += 1
        return wire
      }),
    )
  })
}

/** Writes a circuit. Outputs get wires of their own at the end (`EQW`), as the format wants. */
export const writeBristol = ({ inputs, outputs, wires, layers }: Circuit): string => {
  const gates = layers.flatMap(({ free, and }) =>
    [free, and].flatMap((list, isAnd) =>
      Array.from({ length: list.length / 3 }, (_, i) => {
        const [a, b, out] = [list[3 * i], list[3 * i + 1], list[3 * i + 2]]
        return b === NOT ? `1 1 ${a} ${out} INV` : `2 1 ${a} ${b} ${out} ${isAnd === 1 ? 'AND' : 'XOR'}`
      }),
    ),
  )
  const copies = outputs.flat().map((wire, i) => `1 1 ${wire} ${wires + i} EQW`)
  const head = [
    `${gates.length + copies.length} ${wires + copies.length}`,
    [inputs.length, ...inputs].join(' '),
    [outputs.length, ...outputs.map((list) => list.length)].join(' '),
    '',
  ]
  return [...head, ...gates, ...copies, ''].join('\n')
}
