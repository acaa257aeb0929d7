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
  readonly reads: readonly TopicName[]
  readonly writes: readonly TopicName[]
  readonly groups: readonly GroupName[]
}

export const RIGHTS: Readonly<Record<Role, Rights>> = {
  collector: { reads: [], writes: ['packets', 'receipts'], groups: [] },
  enforcer: { reads: ['bans'], writes: ['receipts'], groups: [] },
  detector: {
    reads: ['packets', 'contacts'],
    writes: ['contacts', 'alerts', 'dead-letters', 'receipts'],
    groups: ['detector', 'detector-contacts'],
  },
  responder: {
    // of the bans it checks that they are its own
    reads: ['alerts', 'receipts', 'bans'],
    writes: ['bans', 'dead-letters', 'receipts'],
    groups: ['responder'],
  },
}

export interface AclRule {
  readonly principal: string
  readonly operation: 'read' | 'write' | 'idempotent-write'
  readonly resource: 'topic' | 'group' | 'cluster'
  readonly name: string
}

export function rulesFor(role: Role, principal: string, settings: TopicSettings): AclRule[] {
  const { reads, writes, groups } = RIGHTS[role]
  const topic = (operation: 'read' | 'write') => (name: TopicName) =>
    ({ principal, operation, resource: 'topic', name: topicNamed(settings, name) }) as const
  return [
    ...reads.map(topic('read')),
    ...writes.map(topic('write')),
    ...groups.map(
      (name) =>
        ({ principal, operation: 'read', resource: 'group', name: groupNamed(settings, name) }) as const,
    ),
    { principal, operation: 'idempotent-write', resource: 'cluster', name: 'kafka-cluster' },
  ]
}
