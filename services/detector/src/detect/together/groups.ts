/**
 * Groups: all networks of one partition, bounded in contacts and in number.
 *
 * What goes when there are too many depends on the groups alone, so every machine lets go of the same ones.
 */
import { Group } from './group.ts'
import { compareKeys, type GroupKey, type TargetKey } from './keys.ts'
import { isAt, type Seen } from './seen.ts'

const MAX_GROUPS = 16_384

export class Groups {
  readonly byKey: Map<GroupKey, Group> = new Map()
  /** Contacts kept by all of them. */
  contacts = 0

  groupFor(key: GroupKey): Group {
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    const group = new Group(key)
    this.byKey.set(key, group)
    return group
  }

  /** Distinct sources of a target, as far as they are remembered. Asks all contacts: for the rare case. */
  sourcesOf(target: TargetKey): number {
    let sum = 0
    for (const { contacts } of this.byKey.values()) {
      if (contacts.length > 1) sum += sourcesAt(contacts, target)
      else if (contacts[0] !== undefined && isAt(contacts[0], target)) sum++
    }
    return sum
  }

  /** The groups that say least and hold so many contacts at least: of the fewest sources, longest ago. */
  leastTelling(contacts: number): Group[] {
    const holding: Group[] = []
    for (const group of this.byKey.values()) if (group.contacts.length > 0) holding.push(group)
    const worths = Float64Array.from(holding, worthOf)
    const limit = this.limitOfWorth(contacts, holding, worths)
    const least = holding.filter((_, at) => (worths[at] as number) <= limit)
    return least.sort((a, b) => compareKeys(a.key, b.key))
  }

  /** Up to this worth they hold so many. Those of one worth stay or go together. */
  private limitOfWorth(contacts: number, holding: readonly Group[], worths: Float64Array): number {
    const each = new Float64Array(contacts > 0 ? this.contacts : 0)
    let at = 0
    for (const [index, group] of holding.entries()) {
      each.fill(worths[index] as number, at, at + group.contacts.length)
      at += group.contacts.length
    }
    return each.sort()[contacts - 1] ?? Number.POSITIVE_INFINITY
  }

  /** Those of which nothing is left to say on this day, and the smallest of what is too much. */
  spent(day: number): Group[] {
    const idle = [...this.byKey.values()].filter(
      ({ contacts, stories }) => contacts.length === 0 && stories.length === 0,
    )
    const over = idle.filter(({ days }) => days.isOver(day))
    if (this.byKey.size - over.length <= MAX_GROUPS) return over
    const sums = idle.map((group) => ({ group, sum: group.days.sum(day) }))
    sums.sort((a, b) => a.sum - b.sum || compareKeys(a.group.key, b.group.key))
    return sums.slice(0, this.byKey.size - (MAX_GROUPS * 3) / 4).map(({ group }) => group)
  }
}

/** Above every time in seconds. */
const A_SOURCE = 2 ** 38

function worthOf({ sources, last }: Group): number {
  return sources * A_SOURCE + Math.floor(last / 1000)
}

function sourcesAt(contacts: readonly Seen[], target: TargetKey): number {
  const there = contacts.filter((seen) => isAt(seen, target))
  return there.length < 2 ? there.length : new Set(there.map(({ source }) => source)).size
}
