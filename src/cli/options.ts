// Options that several commands share: one spelling, one meaning, one parser.
import { Option } from 'commander'
import type { Language } from '../judge/words.ts'
import { languages } from './language.ts'
import type { Texts } from './messages/index.ts'
import type { Terminal } from './terminal.ts'

/** A usage mistake: shown with the way to help, exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Does a command's work with the voice that its options ask for. */
export type Act = (options: CommonOptions, work: (terminal: Terminal) => Promise<void>) => Promise<void>

const wholeNumber =
  (texts: Texts, name: string, from: number, to: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text.trim()) && value >= from && value <= to) return value
    throw new UsageError(texts.usage.badValue(name, text, texts.usage.wholeNumber(from, to)))
  }

/** A value of its choices. */
const choice =
  <T extends string>(texts: Texts, name: string, values: readonly T[]) =>
  (text: string): T => {
    const found = values.find((value) => value === text)
    if (found !== undefined) return found
    throw new UsageError(texts.usage.badValue(name, text, texts.usage.oneOf(values.join(', '))))
  }

const gathered = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** All shared options, in the given language. */
export const optionsIn = (texts: Texts) => {
  const { help } = texts
  return {
    set: new Option('--set <path=value>', help.set).argParser(gathered),
    seed: new Option('--seed <number>', help.seed).argParser(wholeNumber(texts, '--seed', 0, Number.MAX_SAFE_INTEGER)),
    seeds: new Option('--seeds <count>', help.seeds).argParser(wholeNumber(texts, '--seeds', 1, 1000)),
    methods: new Option('--methods <names>', help.methods),
    partition: new Option('--partition <kind:…>', help.partition),
    vary: new Option('--vary <path=values>', help.vary).argParser(gathered),
    trials: new Option('--trials <count>', help.trials).argParser(wholeNumber(texts, '--trials', 1, 10_000)),
    eta: new Option('--halving <factor>', help.halving).argParser(wholeNumber(texts, '--halving', 1, 100)),
    sweepSeeds: new Option('--seeds <count>', help.sweepSeeds).argParser(wholeNumber(texts, '--seeds', 1, 1000)),
    sweepSeed: new Option('--seed <number>', help.sweepSeed).argParser(wholeNumber(texts, '--seed', 0, Number.MAX_SAFE_INTEGER)),
    tryIt: new Option('--try', help.tryIt),
    keep: new Option('--keep <folder>', help.keep),
    target: new Option('--target <measure=value>', help.targetMeasure),
    workers: new Option('--workers <count>', help.workers).argParser(wholeNumber(texts, '--workers', 1, 64)),
    device: new Option('--device <name>', help.device).choices(['cpu', 'cuda', 'webgpu', 'coreml', 'directml']),
    fallBack: new Option('--fall-back', help.fallBack),
    out: new Option('--out <folder>', help.out),
    outReport: new Option('--out <folder>', help.outReport),
    outPredictions: new Option('--out <file>', help.outPredictions),
    outSpec: new Option('--out <file>', help.outSpec),
    resume: new Option('--resume <run>', help.resume),
    json: new Option('--json', help.json),
    lang: new Option('--lang <language>', help.lang).argParser(choice<Language>(texts, '--lang', languages)),
    quiet: new Option('--quiet', help.quiet),
    csv: new Option('--csv <file>', help.csv).argParser(gathered),
    label: new Option('--label <column>', help.label),
    site: new Option('--site <column>', help.site),
    patient: new Option('--patient <column>', help.patient),
    positive: new Option('--positive <class>', help.positive),
    categorical: new Option('--categorical <column>', help.categorical).argParser(gathered),
    leaveOut: new Option('--leave-out <column>', help.leaveOut).argParser(gathered),
    force: new Option('--force', help.force),
    images: new Option('--images <folder>', help.images),
    npz: new Option('--npz <file>', help.npz),
    scans: new Option('--scans', help.scans),
    onnx: new Option('--onnx <file>', help.onnx),
    safetensors: new Option('--safetensors <file>', help.safetensors),
    onnxRows: new Option('--rows <count>', help.onnxRows).argParser(wholeNumber(texts, '--rows', 1, 65536)),
    testData: new Option('--data <file>', help.testData),
  }
}

/** What the shared options parse to. */
export interface CommonOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly lang?: Language
}

/** Options that change a spec or how it runs. */
export interface SpecOptions extends CommonOptions {
  readonly set?: readonly string[]
  readonly seed?: number
  readonly partition?: string
  readonly workers?: number
  readonly device?: string
  readonly fallBack?: boolean
  readonly out?: string
}
