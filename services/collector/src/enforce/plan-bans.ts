/**
 * The plan: what to change so that the kernel holds what is wished, and nothing that is protected.
 *
 * A function of its input only. What is protected wins over every wish; a ban that runs is never made longer than its wish; once
 * the plan is done, planning again changes nothing.
 */
import type { KernelElement, Timed } from './kernel-bans.ts'
import type { NeverBan } from './never-ban.ts'
import type { Refusal, RefusalReason } from './refusals.ts'
import { covers, readSubject, type Subject } from './subject.ts'

/** A ban that runs now. */
export interface Wished {
  readonly subject: string
  /** Ms since 1970 UTC, by the same clock as `now`. */
  readonly until: number
  readonly admittedAt: number
}

export interface Caps {
  /** Elements in the kernel. */
  readonly total: number
  /** The widest prefix: its length. */
  readonly widestV4: number
  readonly widestV6: number
  /** What a kernel set takes; a longer ban is renewed as it goes on. */
  readonly longestSeconds: number
}

/** ipset counts milliseconds in 32 bits: 24 days. */
export const LONGEST_SECONDS = 2_147_483

export interface PlanInput {
  readonly wished: readonly Wished[]
  readonly kernel: readonly KernelElement[]
  readonly never: Pick<NeverBan, 'find'>
  readonly caps: Caps
  readonly now: number
  /** Elements in the kernel that are neither in `kernel` nor considered here. */
  readonly others?: number
}

export interface BanPlan {
  readonly add: readonly Timed[]
  readonly renew: readonly Timed[]
  /** In the kernel as wished. */
  readonly keep: readonly Subject[]
  readonly lift: readonly Subject[]
  readonly refused: readonly Refusal[]
  /** Within a wider prefix that is banned: has no element of its own for now. */
  readonly covered: readonly { readonly subject: Subject; readonly by: Subject }[]
}

/** Kernel and clock round to seconds, and a listing takes time. */
const TOLERANCE_SECONDS = 2
/** A ban longer than a set can take is renewed when this much of the difference has come up. */
const LONG_TOLERANCE_SECONDS = 86_400

interface Candidate {
  readonly subject: Subject
  readonly wish: Wished
}

export function planBans(input: PlanInput): BanPlan {
  const refused: Refusal[] = []
  const candidates = admitted(input, refused)
  const { standing, covered } = withoutOverlaps(candidates)
  const present = new Map(input.kernel.map((element) => [element.subject, element.seconds]))
  const kept = withinCap(standing, present, input, refused)
  const wanted = new Set(kept.map(({ subject }) => subject.text))
  const lift = input.kernel.flatMap(({ subject }) => {
    const read = wanted.has(subject) ? undefined : readSubject(subject)
    return read === undefined ? [] : [read]
  })
  return { ...changes(kept, present, input), lift, refused, covered }
}

function admitted(input: PlanInput, refused: Refusal[]): Candidate[] {
  const present = new Set(input.kernel.map(({ subject }) => subject))
  const candidates: Candidate[] = []
  for (const wish of input.wished) {
    const subject = readSubject(wish.subject)
    const refusal = subject === undefined ? NO_ADDRESS : refusalOf(subject, wish, present, input)
    if (refusal !== undefined) refused.push({ subject: wish.subject, ...refusal })
    else if (subject !== undefined) candidates.push({ subject, wish })
  }
  return candidates
}

type Why = Omit<Refusal, 'subject'>
const NO_ADDRESS: Why = { reason: 'no-address', detail: 'no address or prefix in canonical spelling' }

function refusalOf(
  subject: Subject,
  wish: Wished,
  present: ReadonlySet<string>,
  { never, caps, now }: PlanInput,
): Why | undefined {
  const entry = never.find(subject)
  if (entry !== undefined) return { reason: entry.reason, detail: entry.note }
  const widest = subject.family === 4 ? caps.widestV4 : caps.widestV6
  if (subject.length < widest)
    return { reason: 'too-wide', detail: `wider than the /${widest} that is allowed here` }
  if (!(wish.until > now) || !Number.isFinite(wish.until)) return why('expired', 'its end has passed')
  if (wish.admittedAt > now && !present.has(wish.subject))
    return why('cap-rate', 'more bans a minute than are allowed here: it waits')
  return undefined
}

function why(reason: RefusalReason, detail: string): Why {
  return { reason, detail }
}

/**
 * Interval sets refuse elements that overlap, so of two prefixes the wider stands. One within it that is to last longer comes in
 * when the wider one has ended.
 */
function withoutOverlaps(candidates: readonly Candidate[]): {
  standing: Candidate[]
  covered: { subject: Subject; by: Subject }[]
} {
  const nets = candidates
    .filter(({ subject }) => !subject.isHost)
    .sort((a, b) => a.subject.length - b.subject.length || b.wish.until - a.wish.until)
  const outer = new OuterNets()
  const standing = candidates.filter(({ subject }) => subject.isHost)
  const covered: { subject: Subject; by: Subject }[] = []
  for (const net of nets) {
    const by = outer.around(net.subject)
    if (by !== undefined) covered.push({ subject: net.subject, by })
    else {
      outer.add(net.subject)
      standing.push(net)
    }
  }
  return { standing, covered }
}

/** Looked up by each shorter length that occurs: there are few. */
class OuterNets {
  readonly #byLength = new Map<string, Map<string, Subject>>()

  add(subject: Subject): void {
    const lengths = this.#byLength.get(key(subject)) ?? new Map<string, Subject>()
    this.#byLength.set(key(subject), lengths)
    lengths.set(firstBits(subject, subject.prefix.bits), subject)
  }

  around(subject: Subject): Subject | undefined {
    for (const [length, nets] of this.#byLength) {
      const [family, bits] = length.split('/').map(Number)
      if (family !== subject.family || (bits as number) > subject.prefix.bits) continue
      const found = nets.get(firstBits(subject, bits as number))
      if (found !== undefined && covers(found, subject)) return found
    }
    return undefined
  }
}

function key(subject: Subject): string {
  return `${subject.family}/${subject.prefix.bits}`
}

function firstBits({ prefix }: Subject, bits: number): string {
  let text = ''
  for (let i = 0; i * 32 < bits; i++) {
    const keep = Math.min(bits - i * 32, 32)
    text += `${(prefix.address[i] as number) & (-1 << (32 - keep))},`
  }
  return text
}

/** What runs goes before what would begin; then the order of admission decides. */
function withinCap(
  candidates: readonly Candidate[],
  present: ReadonlyMap<string, number>,
  { caps, others = 0 }: PlanInput,
  refused: Refusal[],
): Candidate[] {
  const room = Math.max(0, caps.total - others)
  if (candidates.length <= room) return [...candidates]
  const order = candidates.toSorted(
    (a, b) =>
      Number(present.has(b.wish.subject)) - Number(present.has(a.wish.subject)) ||
      a.wish.admittedAt - b.wish.admittedAt ||
      (a.wish.subject < b.wish.subject ? -1 : 1),
  )
  for (const { wish } of order.slice(room)) {
    refused.push({ subject: wish.subject, ...why('cap-total', `all ${caps.total} places are taken`) })
  }
  return order.slice(0, room)
}

function changes(
  kept: readonly Candidate[],
  present: ReadonlyMap<string, number>,
  { caps, now }: PlanInput,
): Pick<BanPlan, 'add' | 'renew' | 'keep'> {
  const add: Timed[] = []
  const renew: Timed[] = []
  const keep: Subject[] = []
  for (const { subject, wish } of kept) {
    const wanted = Math.ceil((wish.until - now) / 1000)
    const seconds = Math.min(wanted, caps.longestSeconds)
    const tolerance = wanted > caps.longestSeconds ? LONG_TOLERANCE_SECONDS : TOLERANCE_SECONDS
    const left = present.get(wish.subject)
    if (left === undefined) add.push({ subject, seconds, isNew: true })
    else if (Math.abs(left - seconds) > tolerance) renew.push({ subject, seconds })
    else keep.push(subject)
  }
  return { add, renew, keep }
}
