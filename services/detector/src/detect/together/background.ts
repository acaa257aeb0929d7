/**
 * Background: how much there is anyway, of all networks together. Seven days of day buckets, bounded.
 *
 * A network that sends much everywhere is expected on any target; one that is never seen elsewhere is not.
 */
import { DayCounts } from './day-counts.ts'
import { compareKeys, type HostKey, type Key, type TargetKey } from './keys.ts'

const MAX_TARGETS = 16_384
const MAX_FLEET = 4_096
const FLEET_DAYS = 7
const DAY_STEP = 2 ** 24

export class Background {
  /** Contacts of few. */
  readonly total: DayCounts = new DayCounts()
  /** Contacts by target that were let go for want of room; the others are in the groups. Day * DAY_STEP + count. */
  readonly forgotten: Map<TargetKey, number> = new Map()
  /** The newest day on which each host was seen. */
  readonly fleet: Map<HostKey, number> = new Map()

  /** True when this host was not seen yet on this day. */
  addHost(host: HostKey, day: number): boolean {
    const known = this.fleet.get(host)
    if (known === undefined && this.fleet.size >= MAX_FLEET) return false
    if (known !== undefined && known >= day) return false
    this.fleet.set(host, day)
    return true
  }

  /** What the days before have left is worth half with each. */
  addForgotten(target: TargetKey, day: number, more = 1): void {
    const count = Math.min(this.forgottenOf(target, day) + more, DAY_STEP - 1)
    this.forgotten.set(target, day * DAY_STEP + count)
  }

  forgottenOf(target: TargetKey, day: number): number {
    const packed = this.forgotten.get(target)
    if (packed === undefined) return 0
    const age = Math.max(0, day - Math.floor(packed / DAY_STEP))
    return Math.floor((packed % DAY_STEP) / 2 ** age)
  }

  /** Forgets what seven days have made old, and the smallest of what is too much; tells each key that went. */
  tidy(day: number, onGone: (kind: 'target' | 'host', key: Key) => void): void {
    for (const target of this.spentTargets(day)) {
      this.forgotten.delete(target)
      onGone('target', target)
    }
    for (const [host, seen] of this.fleet) {
      if (day - seen < FLEET_DAYS) continue
      this.fleet.delete(host)
      onGone('host', host)
    }
  }

  private spentTargets(day: number): TargetKey[] {
    const sums = [...this.forgotten.keys()].map((key) => ({ key, sum: this.forgottenOf(key, day) }))
    const spent = sums.filter(({ sum }) => sum === 0)
    if (sums.length - spent.length <= MAX_TARGETS) return spent.map(({ key }) => key)
    sums.sort((a, b) => a.sum - b.sum || compareKeys(a.key, b.key))
    return sums.slice(0, sums.length - (MAX_TARGETS * 3) / 4).map(({ key }) => key)
  }
}
