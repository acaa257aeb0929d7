/**
 * The default policy as a method: evidence per new contact, and levels by what was reached.
 */
import type { Incident, Packet } from '@picket/schemas'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import type { Method, Tier } from '../method.ts'
import type { Observation } from '../observation.ts'
import { isHome, NO_RULES, type Rules } from '../rules/rules.ts'
import { classify } from './classify.ts'
import { foldProbe, foldSuspect } from './fold.ts'
import { judgeScan } from './judge.ts'
import { incidentOf } from './picket-incident.ts'
import { PicketScan } from './picket-scan.ts'
import { PICKET_POLICY, type PicketPolicy } from './policy.ts'
import { PortClasses } from './port-classes.ts'
import { reasonsOf, sayReason } from './reasons.ts'
import { RowStore } from './row-store.ts'
import { packScan, unpackScan } from './scan-packed.ts'
import { FORMAT, restoreScan, storeScan } from './scan-stored.ts'

const HOUR_MS = 3_600_000

export class PicketMethod implements Method<PicketScan> {
  readonly name = 'picket'
  readonly format: number = FORMAT
  readonly together: PicketPolicy
  private readonly classes: PortClasses
  private readonly rules: Rules
  private readonly rows = new RowStore()

  /** Of the rules only the home net matters here. */
  constructor(policy: PicketPolicy = PICKET_POLICY, rules: Rules = NO_RULES) {
    this.together = policy
    this.classes = new PortClasses(policy)
    this.rules = rules
  }

  classify(packet: Packet): Observation {
    return classify(packet, this.isOutward(packet), this.classes)
  }

  open(packet: Packet): PicketScan {
    return PicketScan.open(packet, this.rows)
  }

  fold(scan: PicketScan, packet: Packet, observation: Observation, time: number): number {
    const outward = this.isOutward(packet)
    return observation === 'probe'
      ? foldProbe(scan, packet, outward, time, this.classes)
      : foldSuspect(scan, packet, outward, time, this.classes)
  }

  judge(scan: PicketScan): void {
    judgeScan(scan, this.classes)
  }

  /** With a level: when it has faded to 0. Without: when all contacts are forgotten. */
  isOver(scan: PicketScan, time: number): boolean {
    return time - lastActivity(scan) > this.lasts(scan)
  }

  lasts(scan: PicketScan): number {
    const { fadeHours, memoryDays } = this.classes.policy
    return (scan.level > 0 ? scan.level * fadeHours : memoryDays * 24) * HOUR_MS
  }

  tier(scan: PicketScan): Tier {
    if (scan.level > 0) return 2
    return scan.hasFew || scan.many !== null || (scan.suspects?.kept ?? 0) > 1 ? 1 : 0
  }

  contacts(scan: PicketScan): number {
    return scan.contacts
  }

  incident(scan: PicketScan): Incident {
    return incidentOf(scan, this.classes)
  }

  reasons(scan: PicketScan): string[] {
    return reasonsOf(scan, this.classes).map(sayReason)
  }

  pack(scan: PicketScan): unknown {
    return packScan(scan, this.classes)
  }

  unpack(packed: unknown): PicketScan {
    return unpackScan(packed, this.classes, this.rows)
  }

  store(scan: PicketScan, into: ByteWriter): void {
    storeScan(scan, into, this.classes)
  }

  restore(bytes: Uint8Array): PicketScan | undefined {
    return restoreScan(bytes, this.classes, this.rows)
  }

  close(scan: PicketScan): void {
    scan.close()
  }

  private isOutward(packet: Packet): boolean {
    return (packet.in === '' && packet.out !== '') || isHome(this.rules, packet.src)
  }
}

function lastActivity(scan: PicketScan): number {
  return scan.suspects === null ? scan.lastSeen : Math.max(scan.lastSeen, scan.suspects.lastSeen)
}

/** The level that is left of one reached `quietMs` ago. */
export function fadedLevel(level: number, quietMs: number, fadeHours: number): number {
  return Math.max(0, level - Math.floor(quietMs / (fadeHours * HOUR_MS)))
}
