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
import { Opened } from './opened.ts'
import { answering, refuseTaken, serveElsewhere, serveResponder } from './responder-control.ts'
import type { Service, ServiceParts, ServiceProcess } from './service.ts'

const NEEDED: readonly TopicName[] = ['packets', 'contacts', 'alerts', 'receipts', 'dead-letters']

export const RESPONDER: Service = { name: 'responder', start }

async function start(loaded: Loaded, parts: ServiceParts): Promise<ServiceProcess> {
  const opened = new Opened()
  try {
    return await open(loaded, parts, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function open(loaded: Loaded, { log, metrics }: ServiceParts, opened: Opened): Promise<ServiceProcess> {
  const { config } = loaded
  const socket = responderSocket(config)
  await refuseTaken(socket)
  mkdirSync(config.state, { recursive: true, mode: 0o700 })
  const { KafkaQueue } = await import('@picket/runtime/kafka')
  const queue = opened.add(new KafkaQueue(kafkaSettings(config.kafka, process.env), log))
  const store = opened.add(await openStore(redisSettings(config.redis, process.env), log))
  // A reader of standard output that has gone ends the process as a whole: what was not told is in the store.
  const sinks = makeSinks(config.alerts, process.stdout, () => undefined).map((sink) => opened.add(sink))
  const key = signingKeyOf(config.bans.key)
  const enricher = new Enricher(config.enrichment)
  const channelsOpen = new OpenChannels()
  const channels = channelsOpen.open(config.channels)
  const needed = key === undefined ? NEEDED : [...NEEDED, 'bans' as const]
  refuseOtherWidth(loaded, key)
  let responder: Responder | undefined
  const handle = answering(() => responder, policySettings(config.policy).name)
  const elsewhere = () => new RemoteEvents(log, metrics)
  await serveElsewhere(config.responder.remote, handle, elsewhere, opened)
  opened.add(await serveResponder(socket, handle))
  const ending = new AbortController()
  const running = startResponder(settingsOf(loaded), {
    ...{ queue, store, log, metrics, sinks, channels, enricher, key },
    checkTopics: () => checkTopics(queue, config.kafka, needed, ending.signal),
  })
  responder = running
  opened.add({
    close: () => {
      const stopped = running.stop()
      ending.abort()
      return stopped
    },
  })
  return {
    healthy: () => running.healthy(),
    ready: () => running.ready(),
    failed: running.failed,
    reload: async (again) => {
      await takeOver(running, again, channelsOpen)
      const fixed = FIXED.filter((name) => !isSame(config[name], again.config[name]))
      if (fixed.length > 0) log.warn({ sections: fixed }, 'some sections change by a restart only')
    },
    stop: () => opened.close(),
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
