/**
 * The responder as a process: what it opens by the configuration, and gives back in the end.
 *
 * It is there before Kafka and Redis are: it waits for them, is alive, and not ready. A new configuration changes what is decided, who is
 * told and what is asked of an address; all else holds until the next start.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { Enricher, type Responder, type ResponderSettings, startResponder } from '@picket/responder/main'
import { checkTopics, openStore, type TopicName } from '@picket/runtime'
import { readSigningKey, type SigningKey } from '@picket/runtime/bans'
import { kafkaSettings } from '../config/kafka-schema.ts'
import type { Loaded } from '../config/load.ts'
import { policySettings } from '../config/policy-schema.ts'
import { redisSettings } from '../config/redis-schema.ts'
import { responseSettings } from '../config/response-settings.ts'
import { WrongUse } from '../failures.ts'
import { OpenChannels } from '../notify/channels.ts'
import { RemoteEvents } from '../remote/events.ts'
import { makeSinks } from '../run/sinks.ts'
import { responderSocket } from '../status/fleet-socket.ts'
import { VERSION } from '../version.ts'
import { instanceName, REPORTER } from './identity.ts'
import { answering, refuseTaken, serveElsewhere, serveResponder } from './responder-control.ts'
import type { Service, ServiceParts, ServiceProcess } from './service.ts'

const NEEDED: readonly TopicName[] = ['packets', 'contacts', 'alerts', 'receipts', 'dead-letters']

export const RESPONDER: Service = { name: 'responder', start }

async function start(loaded: Loaded, { log, metrics }: ServiceParts): Promise<ServiceProcess> {
  const { config } = loaded
  const socket = responderSocket(config)
  await refuseTaken(socket)
  mkdirSync(config.state, { recursive: true, mode: 0o700 })
  const { KafkaQueue } = await import('@picket/runtime/kafka')
  const queue = new KafkaQueue(kafkaSettings(config.kafka, process.env), log)
  const store = await openStore(redisSettings(config.redis, process.env), log)
  // A reader of standard output that has gone ends the process as a whole: what was not told is in the store.
  const sinks = makeSinks(config.alerts, process.stdout, () => undefined)
  const key = signingKeyOf(config.bans.key)
  const enricher = new Enricher(config.enrichment)
  const open = new OpenChannels()
  const channels = open.open(config.channels)
  const needed = key === undefined ? NEEDED : [...NEEDED, 'bans' as const]
  refuseOtherWidth(loaded, key)
  const ending = new AbortController()
  const responder = startResponder(settingsOf(loaded), {
    ...{ queue, store, log, metrics, sinks, channels, enricher, key },
    checkTopics: () => checkTopics(queue, config.kafka, needed, ending.signal),
  })
  const handle = answering(responder, policySettings(config.policy).name)
  const elsewhere = await serveElsewhere(
    config.responder.remote,
    handle,
    () => new RemoteEvents(log, metrics),
  )
  const control = await serveResponder(socket, handle)
  return {
    healthy: () => responder.healthy(),
    ready: () => responder.ready(),
    failed: responder.failed,
    reload: async (again) => {
      await takeOver(responder, again, open)
      const fixed = FIXED.filter((name) => !isSame(config[name], again.config[name]))
      if (fixed.length > 0) log.warn({ sections: fixed }, 'some sections change by a restart only')
    },
    stop: async () => {
      const stopped = responder.stop()
      ending.abort()
      await Promise.all([control.close(), elsewhere?.close(), stopped])
      for (const part of [...sinks, store, queue]) await part.close()
    },
  }
}

/** What is opened once. */
const FIXED = ['kafka', 'redis', 'responder', 'alerts', 'state', 'log', 'metrics'] as const

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

async function takeOver(responder: Responder, again: Loaded, open: OpenChannels): Promise<void> {
  const { channels, enrichment } = again.config
  const settings = responseSettings(again.config)
  const enricher = new Enricher(enrichment)
  await responder.response?.use({ settings, channels: open.open(channels), enricher })
}

/** Without the file nobody can be banned, and that is no fault. */
function signingKeyOf(path: string): SigningKey | undefined {
  return existsSync(path) ? readSigningKey(path) : undefined
}

/** Who reads a source's alerts signs its bans. */
function refuseOtherWidth({ config }: Loaded, key: SigningKey | undefined): void {
  const { alerts, bans } = config.kafka.partitions
  if (key !== undefined && alerts !== bans)
    throw new WrongUse(`kafka.partitions.bans is ${bans} and must be that of alerts, ${alerts}`)
}

function settingsOf(loaded: Loaded): ResponderSettings {
  const { config } = loaded
  const { incidents, keep, heartbeat } = config.responder
  return {
    prefix: config.kafka.prefix,
    incidents: { most: incidents, keptSeconds: keep },
    heartbeatSeconds: heartbeat,
    instance: instanceName('responder'),
    reporter: REPORTER,
    version: VERSION,
    response: responseSettings(config),
  }
}
