/**
 * One Kafka broker of loopback (KRaft, broker and controller in one process), small and quick: what it is told and how it starts.
 *
 * For trying and for tests, never for a fleet: nothing of it is copied elsewhere, and the heap is as small as it can be.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface BrokerNode {
  /** From 1. */
  readonly id: number
  /** Ports of the controllers of the whole cluster, in the order of their ids. */
  readonly controllers: readonly number[]
  readonly folder: string
}

/** All but its listeners. */
export function brokerProperties({ id, controllers, folder }: BrokerNode): Record<string, string> {
  const replicas = String(Math.min(3, controllers.length))
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': controllers.map((port, at) => `${at + 1}@127.0.0.1:${port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': `${folder}/data`,
    'num.network.threads': '2',
    'num.io.threads': '4',
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '2',
    // a broker that was killed is let in again when its old session has ended: by default after nine seconds
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'log.cleaner.dedupe.buffer.size': '4194304',
  }
}

/** Clients come in plain text. */
export function plainListeners(broker: number, controller: number): Record<string, string> {
  const clients = `PLAINTEXT://127.0.0.1:${broker}`
  return {
    listeners: `${clients},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': clients,
  }
}

export function printProperties(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Arguments of `java` that start it. */
export function brokerArguments(classPath: string, propertiesFile: string, heapMb: number): string[] {
  const logger = '-Dorg.slf4j.simpleLogger.'
  return [
    ...['-Xms64m', `-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
    ...[
      `${logger}defaultLogLevel=info`,
      `${logger}showDateTime=true`,
      `${logger}dateTimeFormat=HH:mm:ss.SSS`,
    ],
    ...['-cp', classPath, 'kafka.Kafka', propertiesFile],
  ]
}

/** In its log, when clients may come. */
export const BROKER_IS_READY = 'Kafka Server started'

/** Runs one of Kafka's own tools to its end. */
export async function runKafkaTool(classPath: string, tool: string, args: readonly string[]): Promise<void> {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  await promisify(execFile)('java', ['-Xmx128m', quiet, '-cp', classPath, tool, ...args])
}
