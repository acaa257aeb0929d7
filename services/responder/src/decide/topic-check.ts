/**
 * Topic check: what to do about one subject, from our record and what lies on the topic.
 *
 * Only we sign, so what lies there is ours, or older than ours, or from a life of which our store has lost the end; anything else was
 * put there by somebody who should not, and our own record has to come on top of it.
 */
import type { BanRecord, Wish } from './ban-record.ts'

/** The newest message of a subject. */
export interface OnTopic {
  readonly revision: number
  readonly wishes: readonly Wish[]
  /** Under the key that we sign with. */
  readonly isOurs: boolean
}

export type TopicVerdict =
  | 'same'
  /** Ours is missing, or older there. */
  | 'publish'
  /** We signed it and know it no more. */
  | 'adopt'
  /** Not ours: page, and put our record on top. */
  | 'foreign'

export function checkTopic(record: BanRecord | undefined, there: OnTopic | undefined): TopicVerdict {
  if (there === undefined) return record === undefined || record.isTombstoned ? 'same' : 'publish'
  if (record === undefined) return there.isOurs ? 'adopt' : 'foreign'
  if (there.isOurs) return byRevision(record.revision, there.revision)
  // signed by the key before, as it is after a rotation
  return there.revision === record.revision && isSameWish(record.wishes, there.wishes) ? 'publish' : 'foreign'
}

function byRevision(ours: number, theirs: number): TopicVerdict {
  if (theirs === ours) return 'same'
  return theirs > ours ? 'adopt' : 'publish'
}

function isSameWish(a: readonly Wish[], b: readonly Wish[]): boolean {
  const form = (wishes: readonly Wish[]): string =>
    JSON.stringify(wishes.map(({ hosts, from, until, why }) => [hosts, from, until, why]))
  return form(a) === form(b)
}

export function adopted(
  subject: string,
  { revision, wishes }: OnTopic,
  before: BanRecord | undefined,
): BanRecord {
  // a lift ended its ban when it was signed
  const end = Math.max(wishes.length === 0 ? revision / 1000 : 0, ...wishes.map(({ until }) => until))
  return {
    ...{ subject, revision, wishes, end, by: 'topic', isTombstoned: false },
    past: before?.past ?? [],
    requests: before?.requests ?? [],
  }
}
