/**
 * Events of the responder: the only place where it logs or counts.
 */
import type { Logger, Metrics } from '@picket/runtime'
import { SINK_NAMES, type SinkName } from './adapters/alert-sink.ts'

type BySink = Record<string, number>

export class ResponderEvents {
  readonly told: BySink = {}
  readonly failed: BySink = {}
  #dropped = 0
  #waiting = 0
  readonly #log: Logger
  readonly #observeLatency: (seconds: number) => void

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    for (const name of SINK_NAMES) this.told[name] = this.failed[name] = 0
    metrics.counterBy('picket_responder_alerts_told_total', 'Alerts told.', 'sink', () => this.told)
    metrics.counterBy(
      'picket_responder_alerts_failed_total',
      'Alerts that a sink did not take.',
      'sink',
      () => this.failed,
    )
    metrics.counter(
      'picket_responder_alerts_dropped_total',
      'Alerts given up as too many waited to be told.',
      () => this.#dropped,
    )
    metrics.gauge(
      'picket_responder_alerts_waiting',
      'Alerts not yet taken by every sink.',
      () => this.#waiting,
    )
    this.#observeLatency = metrics.histogram(
      'picket_responder_alert_latency_seconds',
      'From the arrival of the line that caused an alert to the alert being told.',
      [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    )
  }

  alertTold(sink: SinkName): void {
    this.told[sink] = (this.told[sink] ?? 0) + 1
  }

  alertFinished(latencySeconds: number): void {
    this.#observeLatency(latencySeconds)
  }

  alertFailed(sink: SinkName, error: Error): void {
    this.failed[sink] = (this.failed[sink] ?? 0) + 1
    this.#log.error({ sink, err: error }, 'an alert could not be told')
  }

  /** Says so at once and then with every thousandth, since it would else flood the log as well. */
  alertDropped(): void {
    if (this.#dropped++ % 1_000 === 0) {
      this.#log.error({ dropped: this.#dropped }, 'alerts are given up: whoever reads them is too slow')
    }
  }

  waiting(alerts: number): void {
    this.#waiting = alerts
  }
}
