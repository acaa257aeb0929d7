/**
 * WishBook: what the fleet wishes of this host, subject by subject, whatever order the messages come in.
 *
 * Only a higher revision changes anything; a lower one is an old message come again, and is refused. A wish that was lifted is kept
 * for as long as any ban of that subject could still have run: until then an old message would bring it back.
 */
export interface Wish {
  readonly hosts: readonly string[]
  readonly from: number
  readonly until: number
  readonly why: string
}

export interface BanState {
  readonly subject: string
  readonly wishes: readonly Wish[]
  readonly revision: number
  readonly keyId: string
}

export interface Span {
  readonly from: number
  readonly until: number
  readonly why: string
}

/** What is wished of this host for one subject; no span that lies ahead is no ban. */
export interface SubjectWish {
  readonly subject: string
  readonly revision: number
  readonly keyId: string
  readonly spans: readonly Span[]
  /** There are bans for other hosts only. */
  readonly isForOthers: boolean
  /** By the broker's clock. */
  readonly appendedAt: number
  /** Not in the kernel before this. */
  readonly admittedAt: number
  /** The latest end that was ever wished. */
  readonly latestEnd: number
}

export type Taken =
  | { readonly outcome: 'new'; readonly wish: SubjectWish }
  /** The same revision again, or one that was appended before the one that we know. */
  | { readonly outcome: 'repeat' }
  | { readonly outcome: 'revision-old'; readonly known: number }

export interface Here {
  readonly reporter: string
  /** '' for none. A wish for `site:NAME` is for all hosts of that site. */
  readonly site: string
}

/** A controller whose clock is ahead does not delay its bans by that. */
const CLOCKS_APART_MS = 60_000
/** A lifted wish is remembered for at least this long. */
const REMEMBER_MS = 86_400_000

export class WishBook {
  readonly #here: Here
  readonly #wishes = new Map<string, SubjectWish>()

  constructor(here: Here) {
    this.#here = here
  }

  get size(): number {
    return this.#wishes.size
  }

  all(): IterableIterator<SubjectWish> {
    return this.#wishes.values()
  }

  get(subject: string): SubjectWish | undefined {
    return this.#wishes.get(subject)
  }

  /** Older than what we know, and appended before that: the topic's past, not an old message come again. */
  isPast(subject: string, revision: number, appendedAt: number): boolean {
    const known = this.#wishes.get(subject)
    return known !== undefined && revision < known.revision && appendedAt <= known.appendedAt
  }

  /** `admit` is asked where a ban begins that was not wished until now. */
  take(ban: BanState, appendedAt: number, admit: (appendedAt: number) => number): Taken {
    const known = this.#wishes.get(ban.subject)
    if (this.isPast(ban.subject, ban.revision, appendedAt)) return { outcome: 'repeat' }
    if (known !== undefined && ban.revision === known.revision) return { outcome: 'repeat' }
    if (known !== undefined && ban.revision < known.revision)
      return { outcome: 'revision-old', known: known.revision }
    const spans = spansHere(ban.wishes, this.#here, appendedAt)
    const wish = {
      subject: ban.subject,
      revision: ban.revision,
      keyId: ban.keyId,
      spans,
      isForOthers: spans.length === 0 && ban.wishes.length > 0,
      appendedAt,
      admittedAt: admittedAt(known, spans, appendedAt, admit),
      latestEnd: Math.max(known?.latestEnd ?? 0, appendedAt, ...ban.wishes.map(({ until }) => until)),
    }
    this.#wishes.set(ban.subject, wish)
    return { outcome: 'new', wish }
  }

  /** Forgets what this key has signed, as if it had never been: a stolen key must not leave its revisions behind. */
  dropKey(keyId: string): SubjectWish[] {
    const dropped = [...this.#wishes.values()].filter((wish) => wish.keyId === keyId)
    for (const { subject } of dropped) this.#wishes.delete(subject)
    return dropped
  }

  /** Forgets what no old message could bring back. */
  forget(now: number): SubjectWish[] {
    const over = [...this.#wishes.values()].filter(({ latestEnd }) => latestEnd + REMEMBER_MS < now)
    for (const { subject } of over) this.#wishes.delete(subject)
    return over
  }
}

function spansHere(wishes: readonly Wish[], here: Here, appendedAt: number): Span[] {
  const ours = wishes.filter(({ hosts }) => hosts.length === 0 || hosts.some((host) => isHere(host, here)))
  return ours.map(({ from, until, why }) => ({
    from: from <= appendedAt + CLOCKS_APART_MS ? Math.min(from, appendedAt) : from,
    until,
    why,
  }))
}

function isHere(host: string, { reporter, site }: Here): boolean {
  return host === reporter || (site !== '' && host === `site:${site}`)
}

function admittedAt(
  known: SubjectWish | undefined,
  spans: readonly Span[],
  appendedAt: number,
  admit: (appendedAt: number) => number,
): number {
  if (spanAt(spans, appendedAt) === undefined) return appendedAt
  const runsAlready = known !== undefined && spanAt(known.spans, appendedAt) !== undefined
  return runsAlready ? known.admittedAt : admit(appendedAt)
}

/** The span that lasts longest of those that run, or undefined. */
export function spanAt(spans: readonly Span[], now: number): Span | undefined {
  let longest: Span | undefined
  for (const span of spans) {
    if (span.from > now || span.until <= now) continue
    if (longest === undefined || span.until > longest.until) longest = span
  }
  return longest
}

/** When the next span begins, of those that have not begun yet. */
export function nextStart(spans: readonly Span[], now: number): number | undefined {
  const ahead = spans.filter(({ from, until }) => from > now && until > from).map(({ from }) => from)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}
