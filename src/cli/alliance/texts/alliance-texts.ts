// What the commands of the alliance say, whatever the language.
import type { NodeState } from '../../../coordinator/index.ts'
import type { CheckStep, Departure } from '../../../node/index.ts'

/** Texts of the commands. */
export interface AllianceTexts {
  readonly up: string
  readonly invite: string
  readonly nodes: string
  readonly node: string
  readonly nodeJoin: string
  readonly nodeStart: string
  readonly nodeStatus: string
  readonly nodeApprove: string
  readonly nodeData: string
  readonly nodeDataAdd: string
  readonly alliance: string
  readonly allianceRun: string
  readonly runsCancel: string
  readonly allianceRevoke: string
  readonly demo: string
  readonly deal: string
  readonly dealOut: string
  readonly dealt: string
  readonly audit: string
  readonly auditVerify: string
  readonly metrics: string
  readonly log: string
  readonly nodeCheck: string
  readonly nodeDryRun: string
  readonly dryOut: string
  readonly dryRows: (train: number, test: number) => string
  readonly departures: Readonly<Record<Departure['what'], (frames: number, bytes: number, parameters: number) => string>>
  readonly dryPlain: string
  readonly dryHidden: (sum: string) => string
  readonly dryAllowed: string
  readonly dryRefused: (reason: string) => string
  readonly dryFiles: (folder: string) => string
  readonly nodePolicy: string
  readonly allowedTasks: string
  readonly allowedSums: string
  readonly smallestCohort: string
  readonly largestEpsilon: string
  readonly hours: string
  readonly invitee: string
  readonly role: string
  readonly personFolder: string
  readonly blobs: string
  readonly tunnel: string
  readonly database: string
  readonly allianceJoin: string
  readonly allianceRuns: string
  readonly auditShow: string
  readonly last: string
  readonly runsWatch: string
  readonly url: string
  readonly code: string
  readonly data: string
  readonly hash: string
  readonly run: string
  readonly target: string
  readonly coordinatorFolder: string
  readonly nodeFolder: string
  readonly host: string
  readonly port: string
  readonly name: string
  readonly task: string
  readonly test: string
  readonly sites: string
  readonly detach: string
  readonly approval: string
  readonly rounds: string
  readonly listening: (url: string) => string
  readonly stopHint: string
  readonly personInvited: (name: string, role: string, url: string, code: string) => string
  readonly personJoined: (name: string, url: string) => string
  readonly roles: Readonly<Record<'operator' | 'scientist' | 'steward' | 'viewer', string>>
  readonly invited: (site: string, url: string, code: string) => string
  readonly joined: (site: string, url: string) => string
  readonly bound: (task: string, train: number, test: number) => string
  readonly unknownLevels: (column: string, cells: number) => string
  readonly started: (site: string, url: string) => string
  readonly connected: string
  readonly unreachable: (cause: string) => string
  readonly declined: (run: string, reason: string) => string
  readonly approveHint: (hash: string) => string
  readonly takesPart: (run: string, train: number, test: number) => string
  readonly received: (run: string, hash: string, file: string) => string
  readonly approved: (hash: string) => string
  readonly begun: (run: string, hash: string) => string
  readonly siteDeclined: (site: string, reason: string) => string
  readonly siteReady: (site: string, rows: number) => string
  readonly siteLost: (site: string) => string
  readonly siteCalled: (site: string) => string
  readonly round: (round: number, rounds: number, counted: number, loss: string, ms: number) => string
  readonly aborted: (round: number, cause: string) => string
  readonly resumed: (round: number) => string
  readonly finished: (rounds: number, seconds: string, hash: string) => string
  readonly failed: (message: string) => string
  readonly cancelled: string
  readonly readable: string
  readonly demoBegins: (sites: number) => string
  readonly demoSame: string
  readonly demoOther: string
  readonly revoked: (site: string) => string
  readonly auditSound: (entries: number, checkpoints: number, head: string) => string
  readonly auditBroken: (entry: number, cause: string) => string
  readonly checks: Readonly<Record<CheckStep, string>>
  /** What to do about a step that failed. */
  readonly checkHints: Readonly<Record<CheckStep, string>>
  readonly checkedWell: string
  readonly heads: readonly [
    site: string,
    state: string,
    seen: string,
    roundTrip: string,
    load: string,
    memory: string,
    disk: string,
    certificate: string,
  ]
  readonly states: Readonly<Record<NodeState['state'], string>>
}
