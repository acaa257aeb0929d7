/**
 * The oracle: what the topics say, told the plain way, by one process that nothing happens to (DESIGN section 5).
 *
 * It reads each partition as it stands at the end and folds it without store, cache or commits. What the fleet found must be
 * this, byte for byte: every alert with its id, and every incident as it stands.
 */
import {
  FleetTogether,
  foldLog,
  type LogMessage,
  type Method,
  PICKET_POLICY,
  PicketMethod,
} from '@picket/detector'
import type { Message, Queue } from '@picket/runtime'
import { type Alert, hashText, type Incident, LOW_SEED, newPacket } from '@picket/schemas'
import { BatchReader, MESSAGES } from '@picket/schemas/messages'

export interface Story {
  /** By alert id. */
  readonly alerts: ReadonlyMap<string, Alert>
  /** By incident id; of a source the newest story is among them. */
  readonly incidents: ReadonlyMap<string, Incident>
  /** Packets of batches that count. */
  readonly packets: number
}

export interface OracleOptions {
  readonly prefix?: string
  /** Messages that were set aside, as those that cannot be read are. */
  readonly without?: (partition: number, offset: number) => boolean
}

export async function oracle(queue: Queue, options: OracleOptions = {}): Promise<Story> {
  const { prefix = 'picket', without = () => false } = options
  const alerts = new Map<string, Alert>()
  const incidents = new Map<string, Incident>()
  const count = { packets: 0 }
  const upstreams = await queue.partitions(`${prefix}.packets`)
  for (let partition = 0; partition < upstreams; partition++) {
    const messages = (await all(queue, `${prefix}.packets`, partition)).flatMap((one) =>
      without(partition, one.offset) ? [] : logMessage(one, partition, count),
    )
    const story = foldLog(messages, { method: new PicketMethod() as Method })
    for (const { logged: _, ...alert } of story.alerts) alerts.set(alert.id, alert)
    for (const incident of story.incidents) incidents.set(incident.id, incident)
  }
  for (const alert of await togetherAlerts(queue, prefix, upstreams)) alerts.set(alert.id, alert)
  return { alerts, incidents, packets: count.packets }
}

async function togetherAlerts(queue: Queue, prefix: string, upstreams: number): Promise<Alert[]> {
  const found: Alert[] = []
  const partitions = await queue.partitions(`${prefix}.contacts`)
  for (let partition = 0; partition < partitions; partition++) {
    found.push(...alertsOf(await all(queue, `${prefix}.contacts`, partition), upstreams))
  }
  return found
}

function alertsOf(contacts: readonly Message[], upstreams: number): Alert[] {
  const fold = new FleetTogether(PICKET_POLICY, upstreams)
  for (let missing = fold.missing(); missing.length > 0; missing = fold.missing()) {
    for (const key of missing) fold.adopt(key, null)
  }
  for (const { value, offset } of contacts) {
    const decoded = MESSAGES.contactBatch.decode(value ?? new Uint8Array())
    if (decoded.ok) fold.observe(decoded.value, offset)
  }
  return fold.takeAlerts()
}

/** A message that cannot be read is none: it is in the dead letters. */
function logMessage(
  { value, offset, time }: Message,
  partition: number,
  count: { packets: number },
): LogMessage[] {
  const decoded = MESSAGES.packetBatch.decode(value ?? new Uint8Array())
  if (!decoded.ok) return []
  const batch = decoded.value
  const input = hashText(`${batch.agent} ${partition}`, LOW_SEED)
  const each: LogMessage['each'] = (visit) => {
    new BatchReader().read(batch, newPacket(), input, (packet) => {
      count.packets += packet.count
      visit(packet)
    })
  }
  return [{ offset, logged: time, agent: batch.agent, number: batch.number, each }]
}

export async function all(queue: Queue, topic: string, partition: number): Promise<Message[]> {
  const { start, end } = await queue.extent(topic, partition)
  const messages: Message[] = []
  for await (const message of queue.read(topic, partition, start, end)) messages.push(message)
  return messages
}
