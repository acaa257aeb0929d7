/**
 * Events of the run itself: the only place where the composition logs or counts.
 */
import type { Logger, Metrics } from '@picket/runtime'
import { safeText } from '@picket/schemas'
import { registerBuild } from '../fleet/build-info.ts'
import { VERSION } from '../version.ts'

export class RunEvents {
  readonly #log: Logger
  #snapshotBytes = 0
  #snapshotSeconds = 0
  #snapshotAt = 0
  #snapshotFailures = 0
  #broken = false

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    registerBuild(metrics)
    metrics.gauge('picket_state_snapshot_bytes', 'Size of the last snapshot.', () => this.#snapshotBytes)
    metrics.gauge(
      'picket_state_snapshot_seconds',
      'How long the last snapshot took.',
      () => this.#snapshotSeconds,
    )
    metrics.gauge(
      'picket_state_snapshot_timestamp_seconds',
      'When the last snapshot was taken.',
      () => this.#snapshotAt,
    )
    metrics.counter(
      'picket_state_snapshot_failures_total',
      'Snapshots that could not be written.',
      () => this.#snapshotFailures,
    )
    metrics.gauge('picket_state_broken', '1 while the state folder cannot be written to.', () =>
      this.#broken ? 1 : 0,
    )
  }

  started(sources: readonly string[], folder: string): void {
    this.#log.info({ sources, state: folder }, `picket ${VERSION} guards this host`)
  }

  ending(why: string): void {
    this.#log.info(`ending: ${why}`)
  }

  ended(): void {
    this.#log.info('ended; the state is saved')
  }

  recovered(records: number, seconds: number): void {
    this.#log.info(
      { records, seconds: Math.round(seconds * 1000) / 1000 },
      'went on where the last run ended',
    )
  }

  stateFault(fault: string): void {
    this.#log.warn(`state: ${fault}`)
  }

  /** Detection begins anew, reading goes on. */
  stateOfOtherPolicy(error: Error): void {
    this.#log.warn({ err: error }, 'the saved incidents are of another policy and are left behind')
  }

  policyChanged(name: string): void {
    this.#log.warn(`policy ${name} begins anew: what the other one found is left behind`)
  }

  snapshotTaken(bytes: number, seconds: number): void {
    this.#snapshotBytes = bytes
    this.#snapshotSeconds = seconds
    this.#snapshotAt = Date.now() / 1000
    this.#log.debug({ bytes, seconds }, 'snapshot taken')
  }

  snapshotFailed(error: Error): void {
    this.#snapshotFailures++
    this.#log.error({ err: error }, 'the snapshot could not be written')
  }

  stateBroken(folder: string, error: Error): void {
    this.#broken = true
    this.#log.error(
      { err: error, state: folder },
      'the state folder cannot be written to: guarding goes on from memory, and a restart now would fall back; make room',
    )
  }

  stateMended(): void {
    this.#broken = false
    this.#log.warn('the state folder can be written to again, and the state is saved')
  }

  /** What this host would ban by, and what was passed over on the way to it. */
  firewallFound(
    { name, isReal }: { readonly name: string; readonly isReal: boolean },
    passedOver: readonly { readonly name: string; readonly why: string }[],
  ): void {
    const why = passedOver.map((other) => `${other.name}: ${safeText(other.why, 200)}`)
    if (isReal) this.#log.info({ firewall: name }, `bans can go to the kernel by ${name}`)
    else
      this.#log.warn(
        { firewall: name, passedOver: why },
        `DRY RUN: nothing can be banned on this host${why.length === 0 ? '' : ` (${why.join('; ')})`}`,
      )
  }

  reloaded(): void {
    this.#log.info('the configuration was read again and holds now')
  }

  reloadRefused(error: Error): void {
    this.#log.error(
      `the new configuration is refused, the old one holds on: ${safeText(error.message, 2_000)}`,
    )
  }
}
