export { type Control, CONTROL_STREAM, coordinatorControl, faultOf, nodeControl, type Order, type Report } from './control.ts'
export { type Checkpoint, type Journal, type JournalledRun, type NewRun, openJournal } from './journal/journal.ts'
export { type Admission, admit, type Member } from './members.ts'
export { type Multiplex, multiplexed } from './multiplex.ts'
export { nodeLoop, type NodePart, type NodeStage } from './node-loop.ts'
export { type CommittedState, memoryNodeStore, type NodeStore } from './journal/node-store.ts'
export { runId } from './journal/run-id.ts'
export { type CertifiedSites, certifiedSites, siteUri } from './site-identity.ts'
export type { Stopping } from './stopping.ts'
export { runAnalysis, runTraining, type TrainedState, type Training } from './run-stages.ts'
export { type CountedRound, type LastCounted, lastCounted } from './last-counted.ts'
export { chooseCohort, type Happening, type RunContext, runStage, type Stage, tell } from './run-loop.ts'
export { connectTls, freshCode, listenTls, type TlsAddress, type TlsListener } from './transports/tls.ts'
export {
  blobRequest,
  declineRequest,
  enrolAnswer,
  enrolRequest,
  joinAnswer,
  type Machine,
  machineSchema,
  measuresRequest,
  type Offer,
  offerSchema,
  programHash,
  refusalSchema,
  siteNameSchema,
  workAnswer,
  workRequest,
} from './transports/alliance-messages.ts'
export { acceptTunnels, TUNNEL_HEADER } from './transports/tunnel.ts'
export { callJson, type HttpsAnswer, type HttpsClient, type HttpsRequest, httpsClient, type TlsIdentity } from './transports/https-call.ts'
export {
  httpsLink,
  type LinkOptions,
  PIECE_BYTES,
  POLL_MS,
  RECEIVED_HEADER,
  type ServedLink,
  servedLink,
} from './transports/https-link.ts'
export {
  type BlobReference,
  type Bulk,
  BULK_BYTES,
  bulkChannel,
  LARGEST_BLOB_BYTES,
} from './transports/bulk-channel.ts'
export { BLOB_PIECE_BYTES, blobReferenceOf, downloaded, httpsBulk } from './transports/https-blobs.ts'
export { flowing } from './transports/flowing.ts'
export { slices } from './transports/slices.ts'
export { pauseMs } from './transports/patience.ts'
export { type ResumableEnd, resumableEnd } from './transports/resumable.ts'
export { type Scratch, scratch } from './transports/scratch.ts'
export { fingerprintOf, freshSecret, type Invitation, invitationCode, readInvitation } from './transports/invitation.ts'
export { type Database, openDatabase } from './database/database.ts'
export type { Schema } from './database/schema.ts'
