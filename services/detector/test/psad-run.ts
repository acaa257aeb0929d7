/** Runs packets through a Detector under policy psad. */
import type { Incident, Packet } from '@picket/schemas'
import { Detector } from '../src/detect/detector.ts'
import { PSAD_POLICY, type PsadPolicy, psadRuleSettings } from '../src/detect/psad/policy.ts'
import { PsadMethod } from '../src/detect/psad/psad-method.ts'
import type { PsadScan } from '../src/detect/psad/psad-scan.ts'
import { parseAutoDl } from '../src/detect/rules/auto-dl.ts'
import { compileRules, type Rules } from '../src/detect/rules/rules.ts'

export function rulesFor(policy: PsadPolicy, autoDl: string): Rules {
  const { entries, faults } = parseAutoDl(autoDl, 'auto_dl')
  const compiled = compileRules({ ...psadRuleSettings(policy), autoDl: entries })
  if (faults.length + compiled.faults.length > 0) throw new Error(JSON.stringify([faults, compiled.faults]))
  return compiled.rules
}

export function detect(
  packets: readonly Packet[],
  changes: Partial<PsadPolicy> = {},
  autoDl = '',
): Detector<PsadScan> {
  const policy = { ...PSAD_POLICY, ...changes }
  const rules = rulesFor(policy, autoDl)
  const detector = new Detector({ method: new PsadMethod(policy), rules, maxSources: 100 })
  for (const packet of packets) detector.observe(packet)
  return detector
}

/** The incidents, worst first. */
export function run(packets: readonly Packet[], changes: Partial<PsadPolicy> = {}, autoDl = ''): Incident[] {
  return detect(packets, changes, autoDl).incidents()
}
