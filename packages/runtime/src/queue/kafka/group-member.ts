/**
 * GroupMember: one member of a consumer group, by the classic protocol: join, be told one's partitions, show signs of life, leave.
 *
 * Whoever leads the group shares the partitions out by our own rule, in which each keeps what it had: what a member had travels in
 * its request to join, with the generation it is of.
 */
import { createRequire } from 'node:module'
import { sharePartitions } from '../share-partitions.ts'
import type { ClusterClient } from './cluster-client.ts'
import type { Broker, Cluster, JoinResponse } from './kafkajs.ts'

/** Members that share out otherwise must not be in one group with ours: another rule needs another name. */
const RULE = 'picket-keep'

export interface GroupPlace {
  readonly group: string
  readonly topic: string
  readonly sessionTimeoutMs: number
  /** Within it each member must have ended what is under way, and have joined again. */
  readonly rebalanceTimeoutMs: number
}

export interface Share {
  readonly partitions: readonly number[]
  /** Nobody else can have had them since: what we had, we kept. */
  readonly isUnbroken: boolean
}

interface Had {
  readonly generation: number
  readonly partitions: readonly number[]
}

const NOTHING: Had = { generation: -1, partitions: [] }

export class GroupMember {
  readonly #at: ClusterClient
  readonly #place: GroupPlace
  #coordinator: Broker | undefined
  /** Whose the coordinator's connections are. */
  #foundBy: Cluster | undefined
  #memberId = ''
  #had: Had = NOTHING

  constructor(at: ClusterClient, place: GroupPlace) {
    this.#at = at
    this.#place = place
  }

  async join(): Promise<Share> {
    const { group, topic, sessionTimeoutMs, rebalanceTimeoutMs } = this.#place
    const coordinator = await this.#findCoordinator()
    const request = {
      groupId: group,
      memberId: this.#memberId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      groupProtocols: [{ name: RULE, metadata: encodeMember(topic, this.#had) }],
    }
    const joined = await this.#at.ask(() => coordinator.joinGroup(request), rebalanceTimeoutMs)
    const isSame = this.#memberId === joined.memberId && this.#had.generation + 1 === joined.generationId
    this.#memberId = joined.memberId
    const shares = joined.leaderId === joined.memberId ? await this.#shareOut(joined) : []
    const place = { groupId: group, generationId: joined.generationId, memberId: joined.memberId }
    const sync = { ...place, groupAssignment: shares }
    const { memberAssignment } = await this.#at.ask(() => coordinator.syncGroup(sync), rebalanceTimeoutMs)
    const partitions = decodeShare(memberAssignment, topic)
    this.#had = { generation: joined.generationId, partitions }
    return { partitions, isUnbroken: isSame }
  }

  /** kafkajs' own search keeps to itself that the group is not for us. */
  async #findCoordinator(): Promise<Broker> {
    const groupId = this.#place.group
    this.#coordinator = await this.#at.ask(async (cluster) => {
      this.#foundBy = cluster
      await cluster.refreshMetadataIfNecessary()
      const any = await cluster.findControllerBroker()
      const { coordinator } = await any.findGroupCoordinator({ groupId, coordinatorType: 0 })
      return cluster.findBroker({ nodeId: String(coordinator.nodeId) })
    })
    return this.#coordinator
  }

  async #coordinatorNow(): Promise<Broker> {
    const isStale = this.#foundBy !== this.#at.cluster
    return isStale || this.#coordinator === undefined ? this.#findCoordinator() : this.#coordinator
  }

  async heartbeat(): Promise<void> {
    const coordinator = await this.#coordinatorNow()
    await this.#at.ask(() => coordinator.heartbeat(this.#memberOf()))
  }

  /** A hint for those who watch the lag; nobody reads it to go on from there. */
  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    if (offsets.size === 0) return
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }))
    const request = { ...this.#memberOf(), topics: [{ topic: this.#place.topic, partitions }] }
    const coordinator = await this.#coordinatorNow()
    await this.#at.ask(() => coordinator.offsetCommit(request))
  }

  /** The group knows us no more, or not as this member. */
  forget(): void {
    this.#memberId = ''
    this.#had = NOTHING
  }

  async leave(): Promise<void> {
    if (this.#memberId === '') return
    const memberId = this.#memberId
    this.forget()
    const coordinator = await this.#coordinatorNow()
    await coordinator.leaveGroup({ groupId: this.#place.group, memberId })
  }

  #memberOf(): { groupId: string; memberId: string; groupGenerationId: number } {
    return {
      groupId: this.#place.group,
      memberId: this.#memberId,
      groupGenerationId: this.#had.generation,
    }
  }

  async #shareOut({ members }: JoinResponse): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
    const { topic } = this.#place
    await this.#at.ask((cluster) => cluster.refreshMetadata())
    const partitions = this.#at.cluster.findTopicPartitionMetadata(topic).length
    const said = members.map(({ memberId, memberMetadata }) => ({
      memberId,
      had: decodeMember(memberMetadata),
    }))
    const newest = Math.max(...said.map(({ had }) => had.generation))
    const sharers = said.map(({ memberId, had }) => ({
      id: memberId,
      had: had.generation === newest ? had.partitions : [],
    }))
    return [...sharePartitions(sharers, partitions)].map(([memberId, share]) => ({
      memberId,
      memberAssignment: CODEC.MemberAssignment.encode({ version: 0, assignment: { [topic]: share } }),
    }))
  }
}

interface Codec {
  readonly MemberMetadata: {
    encode(member: { version: number; topics: readonly string[]; userData: Buffer }): Buffer
    decode(bytes: Buffer): { readonly userData: Buffer | null }
  }
  readonly MemberAssignment: {
    encode(share: { version: number; assignment: Record<string, readonly number[]> }): Buffer
    decode(bytes: Buffer): { readonly assignment: Readonly<Record<string, number[]>> } | null
  }
}

const CODEC = createRequire(import.meta.url)('kafkajs/src/consumer/assignerProtocol') as Codec

function encodeMember(topic: string, had: Had): Buffer {
  return CODEC.MemberMetadata.encode({
    version: 0,
    topics: [topic],
    userData: Buffer.from(JSON.stringify(had)),
  })
}

/** Written by another of our members, of whatever version: what cannot be read counts as nothing. */
function decodeMember(bytes: Buffer): Had {
  try {
    const { userData } = CODEC.MemberMetadata.decode(bytes)
    const { generation, partitions } = JSON.parse(String(userData)) as Partial<Had>
    const isWhole =
      Number.isInteger(generation) && Array.isArray(partitions) && partitions.every(Number.isInteger)
    return isWhole ? ({ generation, partitions } as Had) : NOTHING
  } catch {
    return NOTHING
  }
}

function decodeShare(bytes: Buffer, topic: string): number[] {
  if (bytes.length === 0) return []
  return CODEC.MemberAssignment.decode(bytes)?.assignment[topic] ?? []
}
