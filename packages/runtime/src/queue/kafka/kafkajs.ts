/**
 * kafkajs as Picket uses it: its connections, its protocol and its administration. Nothing else of the code imports it.
 *
 * Its version is pinned exactly, because its inner `Cluster` is used and some of its faults are mended (kafkajs-mends.ts); another version is
 * refused at the start. docs/adr/0008 says why its own producer and consumer are not used.
 */
import { createRequire } from 'node:module'
import kafkajs from 'kafkajs'
import { GZIP_CODEC } from './gzip-codec.ts'
import {
  type Connection,
  mendConnection,
  mendTimer,
  type Patchable,
  type RequestQueue,
} from './kafkajs-mends.ts'

export const PINNED = '2.2.4'
export const GZIP: number = kafkajs.CompressionTypes.GZIP
export const UNCOMPRESSED: number = kafkajs.CompressionTypes.None

/** What `Cluster` of kafkajs/src/cluster offers, as far as it is used here. */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  isConnected(): boolean
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  refreshMetadataIfNecessary(): Promise<void>
  removeBroker(address: { readonly host: string; readonly port: number }): void
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[]
  findBroker(node: { readonly nodeId: string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  fetchTopicsOffset(topics: readonly OffsetQuestion[]): Promise<readonly OffsetAnswer[]>
}

export interface PartitionMetadata {
  readonly partitionId: number
  /** -1 while there is none. */
  readonly leader: number
}

export interface OffsetQuestion {
  readonly topic: string
  readonly partitions: readonly { readonly partition: number }[]
  readonly fromBeginning: boolean
}

export interface OffsetAnswer {
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

export interface Broker {
  initProducerId(request: { readonly transactionTimeout: number }): Promise<ProducerIdentity>
  produce(request: ProduceRequest): Promise<ProduceResponse>
  fetch(request: FetchRequest): Promise<FetchResponse>
  /** Type 0 is a consumer group's. */
  findGroupCoordinator(request: {
    readonly groupId: string
    readonly coordinatorType: 0
  }): Promise<{ readonly coordinator: { readonly nodeId: number } }>
  joinGroup(request: JoinRequest): Promise<JoinResponse>
  syncGroup(request: SyncRequest): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(request: MemberOf): Promise<unknown>
  leaveGroup(request: { readonly groupId: string; readonly memberId: string }): Promise<unknown>
  offsetCommit(request: MemberOf & { readonly topics: readonly OffsetAnswer[] }): Promise<unknown>
}

export interface ProducerIdentity {
  readonly producerId: string | number
  readonly producerEpoch: number
}

export interface ProduceRequest extends ProducerIdentity {
  readonly acks: -1
  readonly timeout: number
  readonly compression: number
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number
      readonly firstSequence: number
      readonly messages: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[]
    }[]
  }[]
}

export interface ProduceResponse {
  readonly topics: readonly {
    readonly topicName: string
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[]
  }[]
}

export interface FetchRequest {
  readonly isolationLevel: 0
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly topics: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number
      readonly fetchOffset: string
      readonly maxBytes: number
    }[]
  }[]
}

export interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string
    readonly partitions: readonly FetchedPartition[]
  }[]
}

export interface FetchedPartition {
  readonly partition: number
  readonly highWatermark: string
  readonly messages: readonly FetchedRecord[]
}

export interface FetchedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly isControlRecord?: boolean
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number }
}

export interface MemberOf {
  readonly groupId: string
  readonly memberId: string
  readonly groupGenerationId: number
}

export interface JoinRequest {
  readonly groupId: string
  readonly memberId: string
  readonly sessionTimeout: number
  readonly rebalanceTimeout: number
  readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[]
}

export interface JoinResponse {
  readonly generationId: number
  readonly leaderId: string
  readonly memberId: string
  /** Only the leader is told of the others. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
}

export interface SyncRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[]
}

const load = createRequire(import.meta.url)

function requirePinned(): void {
  const { version } = load('kafkajs/package.json') as { version: string }
  if (version !== PINNED)
    throw new Error(`kafkajs ${version} is installed, but only ${PINNED} is known to work`)
}

requirePinned()
mendTimer(load('kafkajs/src/network/requestQueue') as Patchable<RequestQueue>)
mendConnection(load('kafkajs/src/network/connection') as Patchable<Connection>)
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => GZIP_CODEC

type ClusterClass = new (options: object) => Cluster
type LoggerMaker = (options: { readonly level: number; readonly logCreator: unknown }) => object
type ScramMaker = (sasl: {
  readonly username: string
  readonly password: string
}) => (connection: object) => { authenticate(): Promise<void> }

export const ClusterOf: ClusterClass = load('kafkajs/src/cluster') as ClusterClass
export const createLogger: LoggerMaker = (load('kafkajs/src/loggers') as { createLogger: LoggerMaker })
  .createLogger

export const SCRAM: Readonly<Record<'scram-sha-256' | 'scram-sha-512', ScramMaker>> = {
  'scram-sha-256': load('kafkajs/src/broker/saslAuthenticator/scram256') as ScramMaker,
  'scram-sha-512': load('kafkajs/src/broker/saslAuthenticator/scram512') as ScramMaker,
}
