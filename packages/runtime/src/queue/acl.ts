/**
 * What each process of a fleet may do at the broker, and nothing else.
 *
 * To read or write a topic includes seeing that it is there; to write one includes writing idempotently, on brokers since 2.8, and
 * is granted by name for older ones.
 */
import { type GroupName, groupNamed, type TopicName, type TopicSettings, topicNamed } from './topics.ts'

export const ROLES = ['collector', 'enforcer', 'detector', 'responder'] as const
export type Role = (typeof ROLES)[number]

interface Rights {
  /** Of which only is seen how far they reach. */
  readonly sees: readonly TopicName[]
  readonly reads: readonly TopicName[]
  readonly writes: readonly TopicName[]
  readonly groups: readonly GroupName[]
  /** Each host has a group of its own, whose name begins so. */
  readonly ownGroups?: string
}

export const RIGHTS: Readonly<Record<Role, Rights>> = {
  collector: { sees: [], reads: [], writes: ['packets', 'receipts'], groups: [] },
  enforcer: {
    sees: [],
    // of the receipts it reads its own back, to learn the broker's time
    reads: ['bans', 'receipts'],
    writes: ['receipts'],
    groups: [],
    ownGroups: 'enforcer-',
  },
  detector: {
    sees: [],
    reads: ['packets', 'contacts'],
    writes: ['contacts', 'alerts', 'dead-letters', 'receipts'],
    groups: ['detector', 'detector-contacts'],
  },
  responder: {
    // how far the detectors are behind
    sees: ['packets', 'contacts'],
    // of the bans it checks that they are its own
    reads: ['alerts', 'receipts', 'bans'],
    writes: ['bans', 'dead-letters', 'receipts'],
    groups: ['responder', 'responder-receipts'],
  },
}

export interface AclRule {
  readonly principal: string
  readonly operation: 'describe' | 'read' | 'write' | 'idempotent-write'
  readonly resource: 'topic' | 'group' | 'cluster'
  readonly name: string
  /** Whatever begins with the name. */
  readonly isPrefix?: boolean
}

export function rulesFor(role: Role, principal: string, settings: TopicSettings): AclRule[] {
  const { sees, reads, writes, groups, ownGroups } = RIGHTS[role]
  const topic = (operation: 'describe' | 'read' | 'write') => (name: TopicName) =>
    ({ principal, operation, resource: 'topic', name: topicNamed(settings, name) }) as const
  return [
    ...sees.map(topic('describe')),
    ...reads.map(topic('read')),
    ...writes.map(topic('write')),
    ...groups.map(
      (name) =>
        ({ principal, operation: 'read', resource: 'group', name: groupNamed(settings, name) }) as const,
    ),
    ...(ownGroups === undefined
      ? []
      : [
          {
            principal,
            operation: 'read',
            resource: 'group',
            name: `${settings.prefix}-${ownGroups}`,
            isPrefix: true,
          } as const,
        ]),
    { principal, operation: 'idempotent-write', resource: 'cluster', name: 'kafka-cluster' },
  ]
}
