// Kernels of two-party computation, one file for each idea. Addresses are bytes in the module's memory, blocks are 16 bytes, words 64 bits, bits packed lowest first. No kernel branches on a
// secret bit: bits become masks.
export * from './mpc/transpose'
export * from './mpc/blocks'
export * from './mpc/transfers'
export * from './mpc/products'
export * from './mpc/half-gates'
