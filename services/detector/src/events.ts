/**
 * Events of the detector: the only place where it counts. It reads the detector's own numbers when
 * somebody scrapes, so a packet costs nothing here.
 */
import type { Metrics } from '@picket/runtime'

/** What the metrics read; a function, since a new configuration brings a new detector. */
export interface DetectorNumbers {
  readonly tracked: number
  readonly counts: {
    readonly observed: Readonly<Record<string, number>>
    readonly evicted: ArrayLike<number>
  }
}

/** The same of the second stage. */
export interface TogetherNumbers {
  /** Contacts of the last day. */
  readonly remembered: number
  readonly counts: Readonly<Record<'contacts' | 'late' | 'crowded' | 'evicted' | 'repeated', number>>
}

const LEVELS = [1, 2, 3, 4, 5] as const

export class DetectorEvents {
  readonly #alerts: Record<string, number> = Object.fromEntries(LEVELS.map((level) => [String(level), 0]))

  constructor(metrics: Metrics, read: () => DetectorNumbers) {
    metrics.counterBy('picket_detector_observed_total', 'Packets, by what they were.', 'observation', () => {
      return read().counts.observed
    })
    metrics.counterBy('picket_detector_alerts_total', 'Alerts, by danger level.', 'level', () => this.#alerts)
    metrics.gauge('picket_detector_sources', 'Sources remembered.', () => read().tracked)
    metrics.counterBy('picket_detector_evicted_total', 'Sources forgotten for lack of room.', 'tier', () =>
      Object.fromEntries(Array.from(read().counts.evicted, (count, tier) => [String(tier), count])),
    )
  }

  /** What many sources do together, where the policy judges it. */
  watchTogether(metrics: Metrics, read: () => TogetherNumbers | undefined): void {
    metrics.gauge(
      'picket_detector_cells',
      'Pairs of target and network remembered.',
      () => read()?.remembered ?? 0,
    )
    metrics.counterBy(
      'picket_detector_contacts_total',
      'First contacts of sources, by what became of them: taken, late or crowded out.',
      'outcome',
      () => {
        const { contacts = 0, late = 0, crowded = 0 } = read()?.counts ?? {}
        return { taken: contacts, late, crowded }
      },
    )
    metrics.counter(
      'picket_detector_contacts_evicted_total',
      'Contacts forgotten for lack of room.',
      () => read()?.counts.evicted ?? 0,
    )
  }

  alertRaised(level: number): void {
    const key = String(level)
    this.#alerts[key] = (this.#alerts[key] ?? 0) + 1
  }
}
