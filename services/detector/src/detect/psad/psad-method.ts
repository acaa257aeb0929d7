/**
 * Policy psad as a Method: psad's formulas over firewall lines, whatever the verdict.
 *
 * It takes every packet that no rule ignores: psad does not know what a firewall decided, nor what is noise.
 */
import { ACK, type Incident, isV4, type Packet, PROTOCOL, RST } from '@picket/schemas'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { FOLDED, type Method, type Tier } from '../method.ts'
import type { Observation } from '../observation.ts'
import { kindBit, levelOf } from './evidence.ts'
import { incidentOf } from './incident.ts'
import { packScan, unpackScan } from './pack.ts'
import { PSAD_POLICY, type PsadPolicy } from './policy.ts'
import { foldPacket, type Measures, measuresOf, openPsadScan, type PsadScan } from './psad-scan.ts'
import { reasonsOf } from './reasons.ts'
import { FORMAT, restoreScan, storeScan } from './stored.ts'

const SUSPICIOUS_PACKETS = kindBit('suspicious_packets')

export class PsadMethod implements Method<PsadScan> {
  readonly name = 'psad'
  readonly format: number = FORMAT
  private readonly policy: PsadPolicy
  private readonly measures: Measures
  private readonly wanted: readonly RegExp[]
  /** What FW_MSG_SEARCH said of the prefixes met so far. */
  private readonly judged = new Map<string, boolean>()

  constructor(policy: PsadPolicy = PSAD_POLICY) {
    this.policy = policy
    this.measures = measuresOf(policy)
    this.wanted = policy.FW_SEARCH_ALL ? [] : policy.FW_MSG_SEARCH.map((text) => new RegExp(text))
  }

  classify(packet: Packet): Observation {
    if (packet.again) return 'repeat'
    if (!this.policy.ENABLE_IPV6_DETECTION && !isV4(packet.src)) return 'ignored'
    if (this.policy.IGNORE_CONNTRACK_BUG_PKTS && isConntrackBug(packet)) return 'ignored'
    return this.policy.FW_SEARCH_ALL || this.isWanted(packet.prefix) ? 'probe' : 'ignored'
  }

  open(packet: Packet, time: number): PsadScan {
    return openPsadScan(packet, time, this.measures)
  }

  fold(scan: PsadScan, packet: Packet, _observation: Observation, time: number): number {
    const before = this.contacts(scan)
    const { counted, swept, seenKinds, invalidIcmp } = scan
    foldPacket(scan, packet, time, this.measures)
    const changed =
      scan.counted !== counted ||
      scan.swept !== swept ||
      scan.seenKinds !== seenKinds ||
      (invalidIcmp === 0 && scan.invalidIcmp > 0)
    return (changed ? FOLDED.changed : 0) | (this.contacts(scan) > before ? FOLDED.contact : 0)
  }

  /** Packets that are merely suspicious are a kind only where there is no better word for them. */
  judge(scan: PsadScan): void {
    const level = levelOf(scan, scan.invalidIcmp)
    scan.level = level < this.policy.MIN_DANGER_LEVEL ? 0 : level
    const scanning = scan.seenKinds & ~SUSPICIOUS_PACKETS
    scan.kinds = scanning === 0 && level > 0 ? SUSPICIOUS_PACKETS : scanning
  }

  isOver(scan: PsadScan, time: number): boolean {
    return time - scan.lastSeen >= this.measures.timeout
  }

  lasts(): number {
    return this.measures.timeout
  }

  contacts(scan: PsadScan): number {
    return scan.contacts?.size ?? scan.services.size
  }

  tier(scan: PsadScan): Tier {
    if (scan.level > 0) return 2
    return scan.packets >= this.policy.DANGER_LEVEL1 ? 1 : 0
  }

  incident(scan: PsadScan): Incident {
    return incidentOf(scan, this.reasons(scan))
  }

  reasons(scan: PsadScan): string[] {
    return reasonsOf(scan, this.policy)
  }

  pack(scan: PsadScan): unknown {
    return packScan(scan, this.measures)
  }

  unpack(packed: unknown): PsadScan {
    return unpackScan(packed, this.measures)
  }

  store(scan: PsadScan, into: ByteWriter): void {
    storeScan(this.pack(scan), into)
  }

  restore(bytes: Uint8Array): PsadScan | undefined {
    return restoreScan(bytes, (packed) => this.unpack(packed))
  }

  private isWanted(prefix: string): boolean {
    let answer = this.judged.get(prefix)
    if (answer === undefined) {
      answer = this.wanted.some((expression) => expression.test(prefix))
      if (this.judged.size >= MAX_JUDGED_PREFIXES) this.judged.clear()
      this.judged.set(prefix, answer)
    }
    return answer
  }
}

/** A hostile file may hold a new prefix in each line. */
const MAX_JUDGED_PREFIXES = 4096

/** psad's name for what conntrack lets through at the end of a session. */
function isConntrackBug(packet: Packet): boolean {
  return packet.proto === PROTOCOL.TCP && packet.flags > 0 && (packet.flags & (ACK | RST)) !== 0
}
