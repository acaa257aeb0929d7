/**
 * FleetTogether: the second stage of one partition of picket.contacts, whose state lies in a store between commits.
 *
 * All of the state is loaded when the partition is claimed: `missing` names the parts to load, `adopt` takes them in,
 * until none is missing. Then `observe` each message, and commit what `takeChanges` gives together with its offset.
 */
import type { Alert, Incident } from '@picket/schemas'
import type { PicketPolicy } from '../picket/policy.ts'
import { type ContactMessage, ContactMessageReader } from './contact-message.ts'
import { META, pageNames } from './part-names.ts'
import { partsOf, readPart, waitingParts } from './stored.ts'
import { TogetherFold } from './together-fold.ts'
import { TouchedParts } from './touched-parts.ts'

/** A value to be put; the store's own Put looks so. */
export interface Change {
  readonly key: string
  readonly value: Uint8Array
  readonly ttlSeconds: number
}

/** Seven days are remembered; everything that is alive is written again before this is over. */
const TTL_SECONDS = 9 * 86_400
/** An empty part only has to outlive the commit. */
const EMPTY_TTL_SECONDS = 3_600

export type Observed = 'folded' | 'repeat'

export class FleetTogether {
  private readonly fold: TogetherFold
  private readonly touched = new TouchedParts()
  private readonly reader = new ContactMessageReader()
  private told: Alert[] = []
  private wanted: Set<string> = new Set([META])
  private hasMeta = false

  constructor(policy: PicketPolicy, upstreams: number) {
    const onAlert = (alert: Alert): void => void this.told.push(alert)
    this.fold = new TogetherFold({ policy, upstreams, onAlert, touched: this.touched })
  }

  /** Parts that must be loaded before the next message. */
  missing(): string[] {
    return [...this.wanted]
  }

  adopt(key: string, bytes: Uint8Array | null): void {
    readPart(this.fold.state, key, bytes)
    this.wanted.delete(key)
    if (this.hasMeta || key !== META) return
    this.hasMeta = true
    const isKnown = bytes !== null && bytes.length > 0
    if (isKnown) this.wanted = new Set([...pageNames(), ...waitingParts(this.fold.state.held)])
  }

  /** The offset of the last message folded; -1 for none. */
  get offset(): number {
    return this.fold.state.offset
  }

  get counts(): TogetherFold['state']['counts'] {
    return this.fold.state.counts
  }

  /** Records of this process's messages that made no sense. */
  get unsound(): number {
    return this.reader.unsound
  }

  /** Contacts of the last day. */
  get remembered(): number {
    return this.fold.state.groups.contacts
  }

  /** All time before this is judged. */
  get watermark(): number {
    return this.fold.state.upstreams.watermark
  }

  observe(message: ContactMessage, offset: number): Observed {
    if (this.wanted.size > 0) throw new Error('the state is not loaded: ask missing() first')
    const { state } = this.fold
    if (offset <= state.offset) return 'repeat'
    state.offset = offset
    const upstream = state.upstreams.upstream(message.upstream)
    const isRepeat = message.offset >= 0 && message.offset <= upstream.mark
    if (isRepeat) state.counts.repeated++
    else this.reader.read(message, (contact) => this.fold.take(contact, upstream))
    upstream.mark = Math.max(upstream.mark, message.offset)
    upstream.watermark = Math.max(upstream.watermark, message.watermark)
    this.fold.judge()
    return isRepeat ? 'repeat' : 'folded'
  }

  /** What has changed since it was last asked, as absolute values. They must be committed with `offset` or not at all. */
  takeChanges(): Change[] {
    const parts = partsOf(this.fold.state, this.touched.take())
    return [...parts].map(([key, value]) => {
      return { key, value, ttlSeconds: value.length === 0 ? EMPTY_TTL_SECONDS : TTL_SECONDS }
    })
  }

  /** Alerts since it was last asked: the outbox of the same commit. */
  takeAlerts(): Alert[] {
    const { told } = this
    this.told = []
    return told
  }

  /** Open ones, the worst first. */
  incidents(): Incident[] {
    return this.fold.incidents()
  }
}
