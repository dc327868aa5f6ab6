// Parameters with their layout as bytes: what a strategy's state is saved as.
import { type Layout, layout, type Params } from '../algebra/index.ts'
import { type Codec, float32Codec, jsonCodec, structCodec, YimengError } from '../base/index.ts'

type Tensors = readonly { readonly name: string; readonly shape: readonly number[] }[]

const isLength = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const tensorsCodec = jsonCodec((value) => {
  const isTensor = (each: unknown): boolean => {
    const { name, shape, ...rest } = Object(each) as Record<string, unknown>
    return typeof name === 'string' && Array.isArray(shape) && shape.every(isLength) && Object.keys(rest).length === 0
  }
  if (Array.isArray(value) && value.every(isTensor)) return value as Tensors
  throw new YimengError({ code: 'params-layout', cannot: 'read layout', expected: 'tensors with name and shape', got: 'something else' })
})

const parts = structCodec({ tensors: tensorsCodec, values: float32Codec })

const tensorsOf = ({ entries }: Layout): Tensors => entries.map(({ name, shape }) => ({ name, shape }))

/** {@link Params} as bytes: names, shapes, and 4 bytes a value. @throws YimengError `params-size` when values and layout do not fit. */
export const paramsCodec: Codec<Params> = {
  encode: (params) => parts.encode({ tensors: tensorsOf(params.layout), values: params.values }),
  decode: (bytes) => {
    const { tensors, values } = parts.decode(bytes)
    const params = { layout: layout(tensors), values }
    if (params.layout.size === values.length) return params
    throw new YimengError({
      code: 'params-size',
      cannot: 'read parameters',
      expected: `${params.layout.size} values`,
      got: String(values.length),
    })
  },
}
