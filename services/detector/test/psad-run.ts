/** Runs a policy psad over packets, as the Detector does, with one scan per source address and incident. */
import type { Incident, Packet } from '@picket/schemas'
import { isFolded } from '../src/detect/observation.ts'
import { PSAD_POLICY, type PsadPolicy, psadRuleSettings } from '../src/detect/psad/policy.ts'
import { PsadMethod } from '../src/detect/psad/psad-method.ts'
import type { PsadScan } from '../src/detect/psad/psad-scan.ts'
import { parseAutoDl } from '../src/detect/rules/auto-dl.ts'
import { assignmentOf, compileRules, isIgnored, type Rules } from '../src/detect/rules/rules.ts'

export interface Outcome {
  readonly level: number
  readonly incident: Incident
  readonly scan: PsadScan
}

export function rulesFor(policy: PsadPolicy, autoDl: string): Rules {
  const { entries, faults } = parseAutoDl(autoDl, 'auto_dl')
  const compiled = compileRules({ ...psadRuleSettings(policy), autoDl: entries })
  if (faults.length + compiled.faults.length > 0) throw new Error(JSON.stringify([faults, compiled.faults]))
  return compiled.rules
}

/** Incidents of level 1 or more, worst first. */
export function run(packets: readonly Packet[], changes: Partial<PsadPolicy> = {}, autoDl = ''): Outcome[] {
  return runAll(packets, changes, autoDl).filter((outcome) => outcome.level > 0)
}

/** Those of level 0 too. */
export function runAll(
  packets: readonly Packet[],
  changes: Partial<PsadPolicy> = {},
  autoDl = '',
): Outcome[] {
  const policy = { ...PSAD_POLICY, ...changes }
  const rules = rulesFor(policy, autoDl)
  const method = new PsadMethod(policy)
  const open = new Map<string, PsadScan>()
  const all: PsadScan[] = []
  for (const packet of packets) {
    const assigned = assignmentOf(rules, packet)
    if (isIgnored(rules, packet) || assigned === 0 || !isFolded(method.classify(packet))) continue
    const source = packet.src.join()
    let scan = open.get(source)
    if (scan === undefined || method.isOver(scan, packet.time)) {
      scan = method.open(packet, packet.time)
      open.set(source, scan)
      all.push(scan)
    }
    method.fold(scan, packet, 'probe', packet.time)
    method.judge(scan)
    scan.assigned = Math.max(scan.assigned, assigned)
    scan.level = Math.max(scan.level, scan.assigned)
  }
  const outcomes = all.map((scan) => ({ level: scan.level, incident: method.incident(scan), scan }))
  return outcomes.sort((a, b) => b.level - a.level)
}
