/**
 * The configuration that `picket dev` writes: one file for all services, which `picket status` and others can be given too.
 *
 * Fewer partitions than a fleet has, so that everything starts at once; heartbeats are quick, so that something is seen. The enforcer
 * is a dry run by its configuration, whoever starts it: a developer's own firewall is nobody's to try things on.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { makeKeyFile, publicKeyText, readSigningKey } from '@picket/runtime/bans'
import { stringify } from 'yaml'
import { METRICS_PORT_AFTER } from '../fleet/service.ts'

export interface DevPlace {
  readonly folder: string
  readonly brokerPort: number
  readonly redisPort: number
  readonly metricsPort: number
  /** What the collector follows, and whether its stamps are those of the recording. */
  readonly log: string
  readonly isRecording: boolean
}

const HEAD = `# Written by "picket dev" at its start, for the fleet that it runs; not for production.
`

/** With the key that signs bans, which is made the first time. */
export function writeDevConfig(file: string, place: DevPlace): void {
  const key = `${place.folder}/ban.key`
  const { publicKey } = existsSync(key) ? readSigningKey(key) : makeKeyFile(key)
  writeFileSync(file, HEAD + stringify(devConfig(place, { key, publicKey: publicKeyText(publicKey) })))
}

interface BanKey {
  /** The file of the private half. */
  readonly key: string
  readonly publicKey: string
}

/** As the recorded lines name it: so it is one host, and not two. */
const RECORDED_HOST = 'host1'

export function devConfig(place: DevPlace, { key, publicKey }: BanKey): object {
  const { folder, log } = place
  return {
    sources: [{ type: 'file', name: 'log', path: log, from: 'start' }],
    ...(place.isRecording ? { timeZone: 'UTC' } : {}),
    state: `${folder}/state`,
    kafka: {
      brokers: [`127.0.0.1:${place.brokerPort}`],
      sessionTimeoutSeconds: 6,
      partitions: { packets: 4, contacts: 4, alerts: 2, bans: 2, receipts: 1 },
    },
    redis: { url: `redis://127.0.0.1:${place.redisPort}` },
    metrics: { port: place.metricsPort },
    collector: { heartbeatSeconds: 2, ...(place.isRecording ? { reporter: RECORDED_HOST } : {}) },
    enforcer: {
      ...{ firewall: 'dry-run', heartbeatSeconds: 2 },
      ...{ state: `${folder}/state-enforcer`, keys: `${folder}/keys`, publicKeys: [publicKey] },
    },
    detector: { heartbeatSeconds: 2 },
    responder: { heartbeat: 2 },
    bans: { key },
  }
}

export const DEV_SERVICES = ['responder', 'detector', 'enforcer', 'collector'] as const
export type DevService = (typeof DEV_SERVICES)[number]

export function metricsUrl(metricsPort: number, service: DevService, path = '/metrics'): string {
  return `http://127.0.0.1:${metricsPort + METRICS_PORT_AFTER[service]}${path}`
}
