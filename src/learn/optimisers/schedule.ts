// Learning rates that change from step to step: factors of the call's learning rate.

/** Factor of the learning rate at a step, counted from 1 over the optimiser's life (over the call, for optimisers without state). */
export type Schedule = (step: number) => number

/** Grows evenly from 0 to 1 over `warmup` steps, then follows half a cosine down to `floor` at step `steps` (Loshchilov and Hutter 2017). */
export const cosine =
  (steps: number, options: { readonly warmup?: number; readonly floor?: number } = {}): Schedule =>
  (step) => {
    const { warmup = 0, floor = 0 } = options
    if (step <= warmup) return step / warmup
    const share = Math.min(1, (step - warmup) / Math.max(1, steps - warmup))
    return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * share))
  }

/** Multiplied by `factor` after every `every` steps. */
export const stepwise =
  (every: number, factor: number): Schedule =>
  (step) =>
    factor ** Math.floor((step - 1) / every)
