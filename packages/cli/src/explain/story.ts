/**
 * Story: what the packets of one source did to its scan, step by step.
 *
 * Nothing is judged here: each step is the difference between what the detector knew before a packet and
 * after it. Details cost time that grows with the scan, so after DETAILED packets only what changes
 * the judgement is noted.
 */
import { Detector, isFolded, type Observation, type Scan } from '@picket/detector'
import type { Incident, Kind, Packet } from '@picket/schemas'
import type { Judging } from '../judging.ts'
import { describeFlow, describeHeader } from '../parse/packet-line.ts'

const DETAILED = 3_000

export interface Step {
  readonly time: number
  readonly flow: string
  readonly header: string
  readonly observed: Observation
  /** The packet began a new incident after an earlier one had ended. */
  readonly isNewStory: boolean
  readonly isNewContact: boolean
  readonly contacts: number
  readonly level: number
  readonly kinds: readonly Kind[]
  /** Level or kinds are others than before. */
  readonly isTurn: boolean
  /** Reasons that did not hold before this packet. */
  readonly reasons: readonly string[]
}

const NOTHING = { contacts: 0, level: 0, kinds: [] as readonly Kind[], reasons: [] as readonly string[] }

export class Story {
  readonly steps: Step[] = []
  readonly observed: Map<Observation, number> = new Map()
  packets = 0
  /** Packets after the last detailed one that changed nothing. */
  omitted = 0
  readonly #detector: Detector
  readonly #method: Judging['method']
  #scan: Scan | undefined
  #before: typeof NOTHING = NOTHING
  #lastLevel = 0
  #lastKinds = 0

  constructor({ method, rules }: Judging) {
    this.#method = method
    this.#detector = new Detector({ method, rules })
  }

  packet(packet: Packet): void {
    const observed = this.#detector.observe(packet)
    this.packets += packet.count
    this.observed.set(observed, (this.observed.get(observed) ?? 0) + packet.count)
    const scan = this.#detector.scanOf(packet.src)
    if (this.packets > DETAILED && !this.#isChanged(scan)) this.omitted += packet.count
    else this.#note(packet, observed, scan)
    this.#scan = scan
    this.#lastLevel = scan?.level ?? 0
    this.#lastKinds = scan?.kinds ?? 0
  }

  /** All incidents of the source, the worst first, and why the open scan stands where it does. */
  ending(source: Int32Array): {
    readonly incidents: readonly Incident[]
    readonly reasons: readonly string[]
  } {
    return { incidents: this.#detector.incidents(), reasons: this.#detector.reasonsOf(source) }
  }

  /** The scan as it stands, also when it has no level. */
  standing(source: Int32Array): Incident | undefined {
    const scan = this.#detector.scanOf(source)
    return scan === undefined ? undefined : this.#method.incident(scan)
  }

  #isChanged(scan: Scan | undefined): boolean {
    return (
      scan !== this.#scan || (scan?.level ?? 0) !== this.#lastLevel || (scan?.kinds ?? 0) !== this.#lastKinds
    )
  }

  #note(packet: Packet, observed: Observation, scan: Scan | undefined): void {
    const isNewStory = this.#scan !== undefined && scan !== this.#scan
    const before = isNewStory ? NOTHING : this.#before
    const after = isFolded(observed) && scan !== undefined ? this.#look(scan) : before
    this.steps.push({
      time: packet.time,
      flow: describeFlow(packet),
      header: describeHeader(packet),
      observed,
      isNewStory,
      isNewContact: after.contacts > before.contacts,
      contacts: after.contacts,
      level: after.level,
      kinds: after.kinds,
      isTurn: after.level !== before.level || after.kinds.join() !== before.kinds.join(),
      reasons: after.reasons.filter((reason) => !before.reasons.includes(reason)),
    })
    this.#before = after
  }

  #look(scan: Scan): typeof NOTHING {
    const { contacts, level, kinds } = this.#method.incident(scan)
    return { contacts, level, kinds, reasons: this.#method.reasons(scan) }
  }
}
