/**
 * Service: what every process of the fleet is to the command that runs it.
 *
 * A service opens what it needs itself; the runner gives it a log and metrics, serves its health, and ends it. The metrics
 * ports of the services follow each other, so that one configuration file serves all that run on one machine.
 */
import type { Health, Logger, Metrics } from '@picket/runtime'
import type { Loaded } from '../config/load.ts'

export interface ServiceProcess {
  healthy(): Health
  ready(): Health
  /** Resolves when it cannot go on, with the reason. */
  readonly failed: Promise<Error>
  /** Takes another configuration over, or rejects and stays as it was. */
  reload?(loaded: Loaded): Promise<void>
  /** Resolves when all is saved and given back. */
  stop(): Promise<void>
}

export interface ServiceParts {
  readonly log: Logger
  readonly metrics: Metrics
}

export interface Service {
  readonly name: 'collector' | 'enforcer' | 'detector' | 'responder'
  start(loaded: Loaded, parts: ServiceParts): Promise<ServiceProcess>
}

/** Added to `metrics.port`, which is that of `picket run` and of the collector. */
export const METRICS_PORT_AFTER: Readonly<Record<Service['name'], number>> = {
  collector: 0,
  enforcer: 1,
  detector: 2,
  responder: 3,
}
