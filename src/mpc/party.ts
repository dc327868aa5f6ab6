// The two parties of a secure computation. FATE's names: the guest brings the question (labels), the host brings more columns. In protocols the guest garbles.

/** A role in a secure computation. */
export type Party = 'guest' | 'host'

/** The other one. */
export const peerOf = (party: Party): Party => (party === 'guest' ? 'host' : 'guest')
