// What coordinator and node say to each other between the steps of rounds. Stream 0 of their channel; JSON.
import { z } from 'zod'
import { type Channel, jsonCodec, YimengError } from '../base/index.ts'

/** Stream number of control messages; attempts take 1, 2, … */
export const CONTROL_STREAM = 0

const text = z.string()
const count = z.int().min(0)
const faultSchema = z.strictObject({
  code: text,
  cannot: text,
  expected: text,
  got: text,
  where: z.record(text, z.union([text, z.number()])),
})

/** From the coordinator. */
const orderSchema = z.discriminatedUnion('kind', [
  /** Answer to `hello`. `last`: how the last round of each stage ended for this node, so that it can settle what is pending. */
  z.strictObject({
    kind: z.literal('welcome'),
    last: z.array(z.strictObject({ stage: text, round: count, attempt: count, counted: z.boolean() })),
  }),
  /** The channel of the attempt is stream `stream`. */
  z.strictObject({ kind: z.literal('begin'), stage: text, round: count, attempt: count, stream: count }),
  z.strictObject({ kind: z.literal('commit'), stage: text, round: count, attempt: count, counted: z.boolean() }),
  z.strictObject({ kind: z.literal('abort'), stage: text, round: count, attempt: count }),
  z.strictObject({ kind: z.literal('finish') }),
])
export type Order = z.infer<typeof orderSchema>

/** From a node. */
const reportSchema = z.discriminatedUnion('kind', [
  /** Rows are told for the record only. The hash must be the coordinator's: both run the same program on the same spec. */
  z.strictObject({ kind: z.literal('hello'), site: text, run: text, specHash: text, trainRows: count, testRows: count }),
  /** The node's part of the attempt is over; its new state, if any, is stored as pending. */
  z.strictObject({ kind: z.literal('pending'), stage: text, round: count, attempt: count }),
  /** Its part failed. `fault`: its own work did (it would again), in words without data; absent: it was told to stop, or lost the coordinator. */
  z.strictObject({ kind: z.literal('failed'), stage: text, round: count, attempt: count, fault: faultSchema.optional() }),
])
export type Report = z.infer<typeof reportSchema>

const codecOf = <T>(schema: z.ZodType<T>) => jsonCodec((value) => schema.parse(value))
const orders = codecOf(orderSchema)
const reports = codecOf(reportSchema)

/** The control stream as one side sees it. */
export interface Control<Out, In> {
  readonly send: (message: Out) => Promise<void>
  readonly receive: (signal?: AbortSignal) => Promise<In>
}

/** The coordinator's end. */
export const coordinatorControl = (channel: Channel): Control<Order, Report> => ({
  send: (order) => channel.send(orders.encode(order)),
  receive: async (signal) => reports.decode(await channel.receive(signal)),
})

/** The node's end. */
export const nodeControl = (channel: Channel): Control<Report, Order> => ({
  send: (report) => channel.send(reports.encode(report)),
  receive: async (signal) => orders.decode(await channel.receive(signal)),
})

/** An error in words that may travel; undefined for faults that say nothing about the node's own work. */
export const faultOf = (error: unknown): z.infer<typeof faultSchema> | undefined => {
  if (error instanceof YimengError) {
    if (['refused', 'frame', 'frame-step', 'channel-closed', 'node-stopped', 'sum-opened'].includes(error.code)) return undefined
    const { code, cannot, expected, got, where } = error
    return { code, cannot, expected, got, where: { ...where } }
  }
  // of other errors only the kind is told: their message may quote data
  const got = error instanceof Error ? error.name : typeof error
  return { code: 'node-work', cannot: 'do the local work', expected: 'no failure', got, where: {} }
}
