/**
 * The ports of loopback that `picket dev` uses: those that people know where they are free, else others.
 */
import { METRICS_PORT_AFTER } from '../fleet/service.ts'
import { freePort, isFree } from './free-port.ts'

export interface DevPorts {
  readonly broker: number
  readonly controller: number
  readonly redis: number
  /** The first of those of the services. */
  readonly metrics: number
}

const KNOWN_METRICS = 9477
const TRIES = 50

export async function devPorts(): Promise<DevPorts> {
  return {
    broker: await freePort(),
    controller: await freePort(),
    redis: await freePort(),
    metrics: await metricsPort(),
  }
}

async function metricsPort(): Promise<number> {
  for (let first = KNOWN_METRICS, tried = 0; tried < TRIES; tried++, first = await freePort()) {
    const ports = Object.values(METRICS_PORT_AFTER).map((after) => first + after)
    const free = await Promise.all(ports.map(isFree))
    if (!free.includes(false)) return first
  }
  throw new Error(`no ${Object.keys(METRICS_PORT_AFTER).length} free ports in a row`)
}
