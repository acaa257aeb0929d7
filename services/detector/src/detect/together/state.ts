/** State: all that the second stage knows of one partition. */
import { Background } from './background.ts'
import { Groups } from './groups.ts'
import { Slices } from './slices.ts'
import { Upstreams } from './upstreams.ts'

export interface TogetherCounts {
  /** Contacts taken in. */
  contacts: number
  /** Behind the watermark of their own partition: not judged. */
  late: number
  /** For which there was no room in their slice. */
  crowded: number
  /** Contacts let go for want of room. */
  evicted: number
  /** Batches that were folded already. */
  repeated: number
}

export class TogetherState {
  readonly groups: Groups = new Groups()
  readonly background: Background = new Background()
  readonly slices: Slices = new Slices()
  readonly upstreams: Upstreams
  readonly counts: TogetherCounts = { contacts: 0, late: 0, crowded: 0, evicted: 0, repeated: 0 }
  /** Contacts of each slice that wait, as read from the store, until they are loaded. */
  readonly held: Map<number, number> = new Map()
  /** The turn of event time that was tidied last. */
  tidied: number = Number.NEGATIVE_INFINITY
  /** The last message folded; -1 for none. */
  offset = -1

  constructor(upstreams: number) {
    this.upstreams = new Upstreams(upstreams)
  }
}
