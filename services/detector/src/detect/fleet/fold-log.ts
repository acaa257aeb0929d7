/**
 * foldLog: what a partition's log says, told the plain way: one process, a map of scans, nothing let go or restored.
 *
 * The oracle of the fleet's proofs: whatever was killed, and wherever commits fell, FleetFold and its store must come to
 * these incidents and alerts, byte for byte.
 */
import { type Incident, type Packet, sourceKey } from '@picket/schemas'
import { alertFor } from '../alert.ts'
import { evidenceOf } from '../evidence.ts'
import { worstFirst } from '../incident-order.ts'
import { foldInto, judge, tell } from '../judging.ts'
import { Lookout } from '../lookout.ts'
import { FOLDED, type Method, type Scan } from '../method.ts'
import { isFolded } from '../observation.ts'
import { NO_RULES, type Rules } from '../rules/rules.ts'
import { EventClock } from './event-clock.ts'
import type { FleetAlert } from './fleet-alert.ts'

/** A batch as it lies in the log. */
export interface LogMessage {
  readonly offset: number
  readonly logged: number
  readonly agent: string
  readonly number: number
  /** The packet may be one that is overwritten with the next. */
  each(visit: (packet: Packet) => void): void
}

export interface LogStory {
  /** Open and ended, the worst first. */
  readonly incidents: readonly Incident[]
  readonly alerts: readonly FleetAlert[]
  /** Messages left out, since their batch had come before. */
  readonly repeats: number
}

export interface LogOptions<S extends Scan> {
  readonly method: Method<S>
  readonly rules?: Rules
}

/** `messages` in the order of their offsets. */
export function foldLog<S extends Scan>(messages: Iterable<LogMessage>, options: LogOptions<S>): LogStory {
  const log = new LogFold(options.method, options.rules ?? NO_RULES)
  const numbers = new Map<string, number>()
  let repeats = 0
  for (const message of messages) {
    const last = numbers.get(message.agent) ?? Number.NEGATIVE_INFINITY
    if (message.number <= last) repeats++
    else {
      numbers.set(message.agent, message.number)
      log.fold(message)
    }
  }
  return { incidents: log.incidents(), alerts: log.alerts, repeats }
}

class LogFold<S extends Scan> {
  readonly alerts: FleetAlert[] = []
  private readonly method: Method<S>
  private readonly lookout: Lookout<S>
  private readonly clock = new EventClock()
  private readonly scans = new Map<string, S>()
  private readonly ended: Incident[] = []

  constructor(method: Method<S>, rules: Rules) {
    this.method = method
    this.lookout = new Lookout(method, rules)
  }

  fold({ logged, each }: LogMessage): void {
    this.clock.beginMessage(logged)
    each((packet) => {
      const time = this.clock.take(packet.time)
      const observation = this.lookout.look(packet)
      if (!isFolded(observation)) return
      const scan = this.scanFor(packet, time)
      const folded = foldInto(this.method, scan, packet, observation, this.lookout.assigned, time)
      if ((folded & FOLDED.changed) === 0 || !judge(this.method, scan)) return
      const alarm = tell(scan)
      const alert = alertFor(alarm, scan.revision, time, this.method.incident(scan))
      this.alerts.push({ ...alert, logged, evidence: [evidenceOf(packet, time)] })
    })
  }

  incidents(): Incident[] {
    const open = [...this.scans.values()].filter((scan) => scan.level > 0)
    return [...this.ended, ...open.map((scan) => this.method.incident(scan))].sort(worstFirst)
  }

  private scanFor(packet: Packet, time: number): S {
    const key = sourceKey(packet.src)
    const known = this.scans.get(key)
    if (known !== undefined && !this.method.isOver(known, time)) return known
    if (known !== undefined && known.level > 0) this.ended.push(this.method.incident(known))
    if (known !== undefined) this.method.close?.(known)
    const opened = this.method.open(packet, time)
    this.scans.set(key, opened)
    return opened
  }
}
