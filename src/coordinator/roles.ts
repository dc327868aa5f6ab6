// Who may do what at the coordinator. A site's data steward decides at the site, in the node's folder (policy, approvals), where no coordinator can reach; here the steward may look.

/** What can be allowed. */
export type Right =
  /** Ask for work, send updates, fetch models. */
  | 'takePart'
  /** See sites, runs and their events, and metrics. */
  | 'watch'
  /** Read the audit log. */
  | 'audit'
  /** Begin and cancel runs. */
  | 'run'
  /** Invite and shut out sites and people. */
  | 'admit'

const rights = {
  site: ['takePart'],
  operator: ['watch', 'audit', 'run', 'admit'],
  scientist: ['watch', 'run'],
  steward: ['watch', 'audit'],
  viewer: ['watch'],
} as const satisfies Readonly<Record<string, readonly Right[]>>

/** A site's node, or a person. */
export type Role = keyof typeof rights

/** All roles. */
export const roleNames = Object.keys(rights) as readonly Role[]

/** Whether a role has a right. */
export const may = (role: Role, right: Right): boolean => (rights[role] as readonly Right[]).includes(right)
