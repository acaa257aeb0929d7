/**
 * Part of: which small incidents are members of a large one.
 *
 * A scan by many sources is one incident with members, and each member may have a story of its own at level 1. Both are
 * kept; the small one names the large one, so that a report need not tell forty times what is one thing.
 */

export interface Story {
  readonly id: string
  /** Null for an incident of many sources. */
  readonly source: string | null
  /** Addresses, or networks as in `prefix`. */
  readonly members: readonly string[]
  readonly prefix: string
  readonly level: number
  readonly firstSeen: number
  readonly lastSeen: number
}

const SMALL = 1

/** By the id of the small one: the id of the large one. The worst wins where there are several. */
export function partsOf(stories: readonly Story[]): Map<string, string> {
  const byMember = largeByMember(stories)
  const parts = new Map<string, string>()
  for (const story of stories) {
    if (story.source === null || story.level > SMALL) continue
    const wholes = [story.source, story.prefix].flatMap((name) => byMember.get(name) ?? [])
    const whole = wholes.find((candidate) => overlap(candidate, story))
    if (whole !== undefined) parts.set(story.id, whole.id)
  }
  return parts
}

function largeByMember(stories: readonly Story[]): Map<string, Story[]> {
  const byMember = new Map<string, Story[]>()
  for (const story of stories.filter(({ source }) => source === null).sort(worstFirst)) {
    for (const member of story.members) byMember.set(member, [...(byMember.get(member) ?? []), story])
  }
  return byMember
}

function worstFirst(a: Story, b: Story): number {
  return b.level - a.level || b.lastSeen - a.lastSeen || (a.id < b.id ? -1 : 1)
}

/** What the source did on another day is another story. */
function overlap(a: Story, b: Story): boolean {
  return a.firstSeen <= b.lastSeen && b.firstSeen <= a.lastSeen
}
