/**
 * Metrics: what Prometheus reads.
 *
 * A hot path counts in plain numbers of its own; here they are only *read*, when somebody scrapes. So a
 * counter costs nothing per line. Labels come from closed lists, never from the outside.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** prom-client's own gauges that are named like counters, which promtool refuses. What they count stands beside them by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
] as const

/** By label value; every known value is there from the start, with 0. */
export type ByLabel = Readonly<Record<string, number>>

export class Metrics {
  readonly registry: Registry
  readonly #names = new Set<string>()

  constructor(registry: Registry = new Registry()) {
    this.registry = registry
  }

  /** Of the same registry, for a part of the process that may begin anew: see `remove`. */
  part(): Metrics {
    return new Metrics(this.registry)
  }

  /** Takes away what was registered by way of this; a counter that comes again begins at 0, as after a restart. */
  remove(): void {
    for (const name of this.#names) this.registry.removeSingleMetric(name)
    this.#names.clear()
  }

  /** The process's own: CPU, memory, event-loop lag. */
  withProcessMetrics(): this {
    collectDefaultMetrics({ register: this.registry })
    for (const name of MISNAMED) this.registry.removeSingleMetric(name)
    return this
  }

  /** A number that only rises. Its name ends in `_total`. */
  counter(name: string, help: string, read: () => number): void {
    this.#names.add(name)
    const metric = new Counter({
      name,
      help,
      registers: [this.registry],
      collect: () => {
        metric.reset()
        metric.inc(read())
      },
    })
  }

  counterBy<L extends string>(name: string, help: string, label: L, read: () => ByLabel): void {
    this.#names.add(name)
    const metric = new Counter({
      name,
      help,
      labelNames: [label] as const,
      registers: [this.registry],
      collect: () => {
        metric.reset()
        for (const [value, count] of Object.entries(read())) metric.inc(labelled(label, value), count)
      },
    })
  }

  gauge(name: string, help: string, read: () => number): void {
    this.#names.add(name)
    const metric: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => metric.set(read()),
    })
  }

  gaugeBy<L extends string>(name: string, help: string, label: L, read: () => ByLabel): void {
    this.#names.add(name)
    const metric = new Gauge({
      name,
      help,
      labelNames: [label] as const,
      registers: [this.registry],
      collect: () => {
        metric.reset()
        for (const [value, now] of Object.entries(read())) metric.set(labelled(label, value), now)
      },
    })
  }

  /** A constant 1 that carries facts as labels. */
  info(name: string, help: string, facts: Readonly<Record<string, string>>): void {
    this.#names.add(name)
    const metric = new Gauge({ name, help, labelNames: Object.keys(facts), registers: [this.registry] })
    metric.set(facts, 1)
  }

  /** For what happens seldom: an observation costs a microsecond. */
  histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void {
    this.#names.add(name)
    const metric = new Histogram({ name, help, buckets: [...buckets], registers: [this.registry] })
    return (value) => metric.observe(value)
  }
}

function labelled<L extends string>(label: L, value: string): Record<L, string> {
  return { [label]: value } as Record<L, string>
}
