/**
 * Fleet book: what is known of each process of the fleet from its heartbeats, and who has fallen silent.
 *
 * Times of hearing are the broker's, never a host's own. Silence counts only while we were listening ourselves: a broker
 * that was away, or a responder that was, must not make the whole fleet blind.
 */

/** What the book reads of a receipt. */
export interface Beat {
  readonly service: string
  readonly instance: string
  readonly reporter: string
  /** The process's own clock. */
  readonly time: number
  readonly version: string
  readonly heartbeat: {
    readonly started: number
    readonly everyMs: number
    readonly state: string
    readonly faults: readonly string[]
    readonly numbers: Readonly<Record<string, number>>
  } | null
}

export interface Process {
  readonly service: string
  readonly instance: string
  readonly reporter: string
  readonly version: string
  /** Broker time. */
  readonly lastHeard: number
  /** How far its own clock is ahead of the broker's. */
  readonly aheadMs: number
  readonly started: number
  readonly everyMs: number
  readonly hasStopped: boolean
  readonly faults: readonly string[]
  readonly numbers: Readonly<Record<string, number>>
  /** It was told that this process is blind. */
  readonly toldBlind: boolean
}

export type ProcessState = 'running' | 'stopped' | 'blind'

export interface BlindHost {
  readonly reporter: string
  readonly services: readonly string[]
  /** When the first of them was last heard. */
  readonly lastHeard: number
}

/** So many heartbeats may be missing. */
export const MISSED_BEATS = 3
/** What a process may say of its own pace: a strange number must not make it blind at once, nor never. */
const LEAST_EVERY_MS = 100
const MOST_EVERY_MS = 3_600_000
/** As long as the topic keeps receipts; a machine that was taken away is forgotten then. */
const KEPT_MS = 7 * 86_400_000
const MOST_PROCESSES = 10_000

export function keyOf({
  service,
  reporter,
  instance,
}: Pick<Process, 'service' | 'reporter' | 'instance'>): string {
  return JSON.stringify([service, reporter, instance])
}

export class FleetBook {
  #processes: Map<string, Process> = new Map()
  readonly #pencilled: Map<string, Process> = new Map()

  /** Undefined where the receipt is not news: heard before, or no heartbeat of a process that is known. */
  hear(beat: Beat, brokerTime: number): Process | undefined {
    const before = this.find(keyOf(beat))
    if (before !== undefined && brokerTime < before.lastHeard) return undefined
    const after = fold(before, beat, brokerTime)
    if (after !== undefined) this.#pencilled.set(keyOf(after), after)
    return after
  }

  find(key: string): Process | undefined {
    return this.#pencilled.get(key) ?? this.#processes.get(key)
  }

  /** Takes in what the store holds, or what `told` made of it. */
  restore(process: Process): void {
    this.#processes.set(keyOf(process), process)
  }

  get changed(): readonly Process[] {
    return [...this.#pencilled.values()]
  }

  /** Those that were called blind and have been heard again, so far only pencilled in. */
  get heardAgain(): readonly Process[] {
    return this.changed.filter((process) => this.#processes.get(keyOf(process))?.toldBlind === true)
  }

  keep(): void {
    for (const [key, process] of this.#pencilled) this.#processes.set(key, process)
    this.#pencilled.clear()
  }

  discard(): void {
    this.#pencilled.clear()
  }

  get all(): readonly Process[] {
    return [...this.#processes.values()]
  }

  /** Who is blind now and was not told to be. */
  newlyBlind(now: number, listeningSince: number): Process[] {
    const states = statesOf(this.all, now, listeningSince)
    return [...states]
      .filter(([process, state]) => state === 'blind' && !process.toldBlind)
      .map(([process]) => process)
  }

  forget(now: number): Process[] {
    const newestFirst = [...this.#processes.values()].sort((a, b) => b.lastHeard - a.lastHeard)
    const gone = newestFirst.filter(({ lastHeard }, at) => at >= MOST_PROCESSES || now - lastHeard > KEPT_MS)
    for (const process of gone) this.#processes.delete(keyOf(process))
    return gone
  }
}

function fold(before: Process | undefined, beat: Beat, brokerTime: number): Process | undefined {
  const { service, instance, reporter, version, heartbeat } = beat
  const heard = { lastHeard: brokerTime, aheadMs: beat.time - brokerTime, version, toldBlind: false }
  if (heartbeat === null) return before === undefined ? undefined : { ...before, ...heard }
  const { started, everyMs, state, faults, numbers } = heartbeat
  return {
    service,
    instance,
    reporter,
    ...heard,
    started,
    everyMs: Math.min(Math.max(everyMs, LEAST_EVERY_MS), MOST_EVERY_MS),
    hasStopped: state === 'stopping',
    faults,
    numbers,
  }
}

/** Of all together, since after a crash a service starts anew under another instance: the old one is not missed then. */
export function statesOf(
  all: readonly Process[],
  now: number,
  listeningSince: number,
): Map<Process, ProcessState> {
  const lastStarts = new Map<string, number>()
  for (const process of all) {
    const place = placeOf(process)
    lastStarts.set(place, Math.max(startOf(process), lastStarts.get(place) ?? Number.NEGATIVE_INFINITY))
  }
  const isSucceeded = (process: Process): boolean => {
    return (lastStarts.get(placeOf(process)) ?? Number.NEGATIVE_INFINITY) >= process.lastHeard
  }
  return new Map(
    all.map((process) => {
      const silentMs = now - Math.max(process.lastHeard, listeningSince)
      if (process.hasStopped) return [process, 'stopped']
      if (silentMs <= MISSED_BEATS * process.everyMs) return [process, 'running']
      return [process, isSucceeded(process) ? 'stopped' : 'blind']
    }),
  )
}

function placeOf({ service, reporter }: Process): string {
  return JSON.stringify([service, reporter])
}

/** On the broker's clock. It lies before the process was last heard, so nobody succeeds himself. */
function startOf({ started, aheadMs, lastHeard }: Process): number {
  return Math.min(started - aheadMs, lastHeard - 1)
}

export function blindHosts(all: readonly Process[], now: number, listeningSince: number): BlindHost[] {
  const byReporter = new Map<string, Process[]>()
  for (const [process, state] of statesOf(all, now, listeningSince)) {
    if (state !== 'blind') continue
    byReporter.set(process.reporter, [...(byReporter.get(process.reporter) ?? []), process])
  }
  const hosts = [...byReporter].map(([reporter, processes]) => ({
    reporter,
    services: [...new Set(processes.map(({ service }) => service))].sort(),
    lastHeard: Math.min(...processes.map(({ lastHeard }) => lastHeard)),
  }))
  return hosts.sort((a, b) => a.lastHeard - b.lastHeard || (a.reporter < b.reporter ? -1 : 1))
}

/** How many processes run each version; more than one entry is worth saying. */
export function versionsOf(all: readonly Process[]): Record<string, number> {
  const versions: Record<string, number> = Object.create(null)
  for (const { version, hasStopped } of all) {
    if (!hasStopped) versions[version] = (versions[version] ?? 0) + 1
  }
  return versions
}
