// What a site allows: a file in the node's folder that the site's steward writes, and the runs that the steward has approved. Nothing that a coordinator says can change it.
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { now, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import { unitOf } from '../federated/spec/index.ts'
import { type RunSpec, sparseMasks } from '../tasks/index.ts'
import { belowFloor, machineOf } from './machine.ts'

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day as 22:30')

const policySchema = z.strictObject({
  /** `each`: the steward approves every new spec by its hash. `all`: what the other rules allow needs no approval. */
  approval: z.enum(['each', 'all']).default('each'),
  /** Tasks that the site takes part in. Absent: those that it has bound data to. */
  tasks: z.array(z.string()).optional(),
  /** Ways to add up that it accepts. `plain`: the coordinator can read its updates. */
  sums: z.array(z.string()).default(['plain', 'masked', 'encrypted']),
  /** Fewest sites that an update must be mixed with. */
  smallestCohort: z.int().min(1).default(1),
  /** Least that masks among some sites of a round only must withstand, as `neighbours` of a spec has it. Absent: what the run says. Masks among all sites are never refused. */
  neighbours: z.strictObject({ corrupt: z.number().min(0).max(0.6) }).optional(),
  /** Largest ε of a run's differential privacy. Absent: none is asked for. */
  largestEpsilon: z.number().positive().optional(),
  /** Most that all private runs together may cost, by the site's own ledger. With it, a run without privacy, or with one of another unit, is refused. */
  budget: z
    .strictObject({
      unit: z.enum(['record', 'patient', 'site']),
      epsilon: z.number().positive(),
      delta: z.number().gt(0).lt(1),
    })
    .optional(),
  /** Times of day, on the site's own clock, at which it joins runs; over midnight when `to` is the earlier. A run that it has joined it ends. Absent: always. */
  hours: z.strictObject({ from: time, to: time }).optional(),
  /** What its machine must have left when it joins. */
  floor: z
    .strictObject({
      freeMemoryBytes: z.number().positive().optional(),
      freeDiskBytes: z.number().positive().optional(),
      largestLoad: z.number().positive().optional(),
    })
    .optional(),
})
/** A site's rules. */
export type Policy = z.output<typeof policySchema>

const policyFile = (folder: string): string => join(folder, 'policy.json')
const approvalsFile = (folder: string): string => join(folder, 'approvals.json')

const replace = async (path: string, value: unknown): Promise<void> => {
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** The rules of a folder; the strictest defaults where there are none. @throws YimengError `policy` for a file that is none: a rule that cannot be read is not passed over */
export const policyOf = async (folder: string): Promise<Policy> => {
  if (!existsSync(policyFile(folder))) return policySchema.parse({})
  try {
    return policySchema.parse(JSON.parse(await readFile(policyFile(folder), 'utf8')))
  } catch (cause) {
    const got =
      cause instanceof z.ZodError ? `${cause.issues[0]?.message ?? 'another'} at ${cause.issues[0]?.path.join('.') ?? ''}` : 'no JSON'
    throw new YimengError({
      code: 'policy',
      cannot: 'read policy',
      expected: 'rules that Yimeng knows',
      got,
      where: { file: policyFile(folder) },
      cause,
    })
  }
}

/** Writes rules. */
export const setPolicy = async (folder: string, policy: z.input<typeof policySchema>): Promise<void> => {
  await makeFolder(folder, { secret: true })
  await replace(policyFile(folder), policySchema.parse(policy))
}

const approvalsOf = async (folder: string): Promise<readonly string[]> =>
  existsSync(approvalsFile(folder)) ? z.array(z.string()).parse(JSON.parse(await readFile(approvalsFile(folder), 'utf8'))) : []

/** Approves the spec of this hash, or of a hash that begins so (12 characters at least). */
export const approve = async (folder: string, hash: string): Promise<void> => {
  if (!/^[0-9a-f]{12,64}$/.test(hash))
    throw new YimengError({
      code: 'approval-hash',
      cannot: 'approve spec',
      expected: 'at least 12 characters of its hash',
      got: JSON.stringify(hash.slice(0, 80)),
    })
  await replace(approvalsFile(folder), [...new Set([...(await approvalsOf(folder)), hash])])
}

/** Whether a time of day lies in the policy's. `at`: `HH:MM`. */
export const inHours = ({ from, to }: NonNullable<Policy['hours']>, at: string): boolean =>
  from <= to ? from <= at && at < to : from <= at || at < to

const timeOfDay = (): string => {
  const date = new Date(now())
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** Why the site does not take part; undefined when it does. `awaits`: the steward has not approved the spec. */
export const refusal = async (
  folder: string,
  { spec, specHash, task, sites }: { readonly spec: RunSpec; readonly specHash: string; readonly task: string; readonly sites: number },
): Promise<{ readonly reason: string; readonly awaits: boolean } | undefined> => {
  const policy = await policyOf(folder)
  const no = (reason: string) => ({ reason, awaits: false })
  if (policy.tasks !== undefined && !policy.tasks.includes(task)) return no(`policy: task ${task} is not allowed`)
  if (!policy.sums.includes(spec.sum)) return no(`policy: sum ${spec.sum} is not accepted`)
  if (policy.largestEpsilon !== undefined && (spec.privacy === 'none' || spec.privacy.epsilon > policy.largestEpsilon))
    return no(
      `policy: differential privacy of ε ${policy.largestEpsilon} at most, this run has ${spec.privacy === 'none' ? 'none' : spec.privacy.epsilon}`,
    )
  const { budget } = policy
  const unit = spec.privacy === 'none' ? 'none' : unitOf(spec.privacy)
  if (budget !== undefined && budget.unit !== unit)
    return no(`policy: differential privacy in the unit ${budget.unit}, this run has ${unit}`)
  const { size, fraction, quorum } = spec.cohort
  const chosen = Math.min(sites, size ?? (fraction === undefined ? sites : Math.max(1, Math.round(fraction * sites))))
  const mixed = Math.min(chosen, quorum ?? chosen)
  if (mixed < policy.smallestCohort) return no(`policy: ${policy.smallestCohort} sites at least, this run needs ${mixed}`)
  const corrupt = sparseMasks(spec, chosen)?.risk.corrupt
  if (policy.neighbours !== undefined && corrupt !== undefined && corrupt < policy.neighbours.corrupt)
    return no(`policy: masks that withstand ${policy.neighbours.corrupt} of corrupt sites, this run has such for ${corrupt}`)
  if (policy.hours !== undefined && !inHours(policy.hours, timeOfDay()))
    return no(`policy: from ${policy.hours.from} to ${policy.hours.to} only`)
  const machine = await machineOf(folder)
  const little = belowFloor(machine, spec.cohort.floor ?? {})
  if (little !== undefined) return no(`run: ${little}`)
  const scarce = belowFloor(machine, policy.floor ?? {})
  if (scarce !== undefined) return no(`policy: ${scarce}`)
  if (policy.approval === 'each' && !(await approvalsOf(folder)).some((approved) => specHash.startsWith(approved)))
    return { reason: `awaits approval of spec ${specHash.slice(0, 12)}`, awaits: true }
  return undefined
}
