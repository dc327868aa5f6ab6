// ONNX models as bytes: a small protobuf writer (wire format: protobuf.dev/programming-guides/encoding) and the messages of onnx.proto that a training graph needs.
// Field numbers are those of onnx.proto3 (IR version 8).

/** Growing buffer of protobuf fields. */
class Message {
  private bytes = new Uint8Array(64)
  private length = 0

  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const bigger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more))
    bigger.set(this.bytes.subarray(0, this.length))
    this.bytes = bigger
  }

  private varint(value: number): void {
    this.room(10)
    // negative int64 values are written as their 64-bit two's complement
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 0x7fn) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.bytes[this.length++] = Number(rest)
  }

  int(field: number, value: number): this {
    this.varint(field << 3)
    this.varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.varint((field << 3) | 5)
    this.room(4)
    new DataView(this.bytes.buffer).setFloat32(this.length, value, true)
    this.length += 4
    return this
  }

  data(field: number, data: Uint8Array): this {
    this.varint((field << 3) | 2)
    this.varint(data.length)
    this.room(data.length)
    this.bytes.set(data, this.length)
    this.length += data.length
    return this
  }

  text(field: number, text: string): this {
    return this.data(field, new TextEncoder().encode(text))
  }

  message(field: number, message: Message): this {
    return this.data(field, message.finish())
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** Element types of tensors (`TensorProto.DataType`). */
export const elementType = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, double: 11, uint32: 12 } as const

/** Name of an element type. */
export type ElementType = keyof typeof elementType

/** A length of an axis: a number, or a name where it is known only when the graph runs. */
export type Dim = number | string

/** A named input or output. */
export interface OnnxValue {
  readonly name: string
  readonly type: ElementType
  /** Absent: any shape. */
  readonly dims?: readonly Dim[]
}

/** A tensor baked into the model. */
export interface OnnxTensor {
  readonly name: string
  readonly type: ElementType
  readonly dims: readonly number[]
  readonly values: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint32Array | Uint8Array
}

/** Attribute of a node; numbers are told apart by the wrapper, since ONNX types them. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly graph: OnnxGraph }

/** One ONNX operation. An empty input name is an absent optional input. */
export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
  /** Operator set; ONNX's own by default. */
  readonly domain?: string
}

/** An ONNX graph or the body of a loop. Nodes are in an order in which they can run. */
export interface OnnxGraph {
  readonly name: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodes: readonly OnnxNode[]
  readonly tensors: readonly OnnxTensor[]
}

const value = ({ name, type, dims }: OnnxValue): Message => {
  const tensor = new Message().int(1, elementType[type])
  if (dims !== undefined) {
    const shape = new Message()
    for (const dim of dims) shape.message(1, typeof dim === 'number' ? new Message().int(1, dim) : new Message().text(2, dim))
    tensor.message(2, shape)
  }
  return new Message().text(1, name).message(2, new Message().message(1, tensor))
}

const tensor = ({ name, type, dims, values }: OnnxTensor): Message => {
  const message = new Message()
  for (const dim of dims) message.int(1, dim)
  message.int(2, elementType[type]).text(8, name)
  // raw_data is little-endian, as every machine that ONNX Runtime runs on
  return message.data(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

const attribute = (name: string, content: OnnxAttribute): Message => {
  const message = new Message().text(1, name)
  if ('int' in content) return message.int(3, content.int).int(20, 2)
  if ('float' in content) return message.float(2, content.float).int(20, 1)
  if ('text' in content) return message.text(4, content.text).int(20, 3)
  if ('graph' in content) return message.message(6, graph(content.graph)).int(20, 5)
  for (const item of content.ints) message.int(8, item)
  return message.int(20, 7)
}

const node = ({ op, inputs, outputs, attributes = {}, domain }: OnnxNode): Message => {
  const message = new Message()
  for (const name of inputs) message.text(1, name)
  for (const name of outputs) message.text(2, name)
  message.text(3, outputs[0] ?? op).text(4, op)
  for (const [name, content] of Object.entries(attributes)) message.message(5, attribute(name, content))
  return domain === undefined ? message : message.text(7, domain)
}

const graph = ({ name, inputs, outputs, nodes, tensors }: OnnxGraph): Message => {
  const message = new Message()
  for (const item of nodes) message.message(1, node(item))
  message.text(2, name)
  for (const item of tensors) message.message(5, tensor(item))
  for (const item of inputs) message.message(11, value(item))
  for (const item of outputs) message.message(12, value(item))
  return message
}

/** The bytes of an ONNX model: IR version 8, operator set 18, and ONNX Runtime's own operators as `com.microsoft`. */
export const onnxModel = (content: OnnxGraph): Uint8Array =>
  new Message()
    .int(1, 8)
    .text(2, 'yimeng')
    .message(7, graph(content))
    .message(8, new Message().text(1, '').int(2, 18))
    .message(8, new Message().text(1, 'com.microsoft').int(2, 1))
    .finish()
