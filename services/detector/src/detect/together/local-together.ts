/**
 * LocalTogether: the second stage within one process, fed by the Detector beside it.
 *
 * There is one upstream, this process; its watermark follows the newest sources, and not the newest packet, so that
 * one line with a clock of its own does not make all others late.
 */
import type { Alert, Incident } from '@picket/schemas'
import { EndedIncidents } from '../ended-incidents.ts'
import { worstFirst } from '../incident-order.ts'
import type { PicketPolicy } from '../picket/policy.ts'
import { SteadyTime } from '../steady-time.ts'
import type { Contact } from './contact.ts'
import { META } from './part-names.ts'
import { SLICE_MS } from './slices.ts'
import { partsOf, readPart } from './stored.ts'
import { TogetherFold } from './together-fold.ts'
import type { Upstream } from './upstreams.ts'

export interface LocalOptions {
  readonly policy: PicketPolicy
  readonly onAlert?: ((alert: Alert) => void) | undefined
  /** Ended incidents kept for the report. */
  readonly maxEnded?: number
}

/** A plain value that survives structured cloning. */
export interface LocalState {
  readonly parts: readonly (readonly [string, Uint8Array])[]
  readonly openings: readonly number[]
  readonly ended: readonly Incident[]
}

const LATENESS_MS = 5_000
/** The earliest of so many newest sources says how late it is. */
const OPENINGS = 4
const MAX_ENDED = 1_000

export class LocalTogether {
  readonly fold: TogetherFold
  private readonly ended: EndedIncidents
  private readonly upstream: Upstream
  private readonly limit: number
  private readonly steady = new SteadyTime(OPENINGS)
  /** When the oldest slice that may wait ends. */
  private due = Number.NEGATIVE_INFINITY

  constructor({ policy, onAlert, maxEnded = MAX_ENDED }: LocalOptions) {
    this.ended = new EndedIncidents(maxEnded)
    this.fold = new TogetherFold({
      policy,
      upstreams: 1,
      onAlert: (alert) => onAlert?.(alert),
      onEnd: (incident) => this.ended.add(incident),
    })
    this.upstream = this.fold.state.upstreams.upstream(0)
    this.limit = policy.together.contacts
  }

  /** Contacts of the last day. */
  get remembered(): number {
    return this.fold.state.groups.contacts
  }

  get counts(): TogetherFold['state']['counts'] {
    return this.fold.state.counts
  }

  /** To be handed to the Detector. */
  readonly onContact = (contact: Contact): void => {
    // All of its contacts come here, so one that says that it is alone is enough.
    if (contact.rank > this.limit) return
    const { upstream } = this
    this.fold.take(contact, upstream)
    if (contact.rank > 1) return
    const watermark = this.steady.see(contact.time) - LATENESS_MS
    if (watermark <= upstream.watermark) return
    upstream.watermark = watermark
    if (watermark < this.due) return
    this.due = (Math.floor(watermark / SLICE_MS) + 1) * SLICE_MS
    this.fold.judge()
  }

  /** Nothing more will come: judges what waits. */
  flush(): void {
    this.upstream.watermark = Number.POSITIVE_INFINITY
    this.fold.judge()
  }

  /** Open and ended, the worst first. */
  incidents(): Incident[] {
    return [...this.fold.incidents(), ...this.ended.all()].sort(worstFirst)
  }

  /** Its bytes are its own. */
  capture(): LocalState {
    const parts = [...partsOf(this.fold.state)].map(([part, bytes]) => [part, bytes.slice()] as const)
    return { parts, openings: this.steady.pack(), ended: this.ended.all() }
  }

  restore({ parts, openings, ended }: LocalState): void {
    const byName = new Map(parts)
    readPart(this.fold.state, META, byName.get(META) ?? null)
    byName.delete(META)
    for (const [part, bytes] of byName) readPart(this.fold.state, part, bytes)
    this.steady.unpack(openings)
    for (const incident of ended) this.ended.add(incident)
  }
}
