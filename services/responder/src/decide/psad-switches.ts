/**
 * psad's switches, under their names, as rules.
 *
 * AUTO_BLOCK_TIMEOUT 0 is for ever in psad. There is no ban without an end here, so it is read as the longest one allowed.
 */
import type { DangerLevel } from '@picket/schemas'
import type { BanPolicy, DecisionPolicy, DecisionRule } from './decision-policy.ts'

export interface PsadSwitches {
  readonly EMAIL_ALERT_DANGER_LEVEL: number
  readonly EMAIL_LIMIT: number
  readonly ENABLE_EMAIL_LIMIT_PER_DST: boolean
  readonly EMAIL_THROTTLE: number
  readonly ALERT_ALL: boolean
  readonly ENABLE_AUTO_IDS: boolean
  readonly AUTO_IDS_DANGER_LEVEL: number
  readonly AUTO_BLOCK_TIMEOUT: number
  readonly AUTO_BLOCK_DL1_TIMEOUT?: number | undefined
  readonly AUTO_BLOCK_DL2_TIMEOUT?: number | undefined
  readonly AUTO_BLOCK_DL3_TIMEOUT?: number | undefined
  readonly AUTO_BLOCK_DL4_TIMEOUT?: number | undefined
  readonly AUTO_BLOCK_DL5_TIMEOUT?: number | undefined
  readonly ENABLE_AUTO_IDS_REGEX: boolean
  readonly AUTO_BLOCK_REGEX: string
  readonly ENABLE_EXT_SCRIPT_EXEC: boolean
  readonly EXTERNAL_SCRIPT: string
  readonly EXEC_EXT_SCRIPT_PER_ALERT: boolean
}

/** Name of the channel that runs it. */
export const EXTERNAL_SCRIPT = 'EXTERNAL_SCRIPT'

export const PSAD_SWITCHES: PsadSwitches = {
  EMAIL_ALERT_DANGER_LEVEL: 1,
  EMAIL_LIMIT: 0,
  ENABLE_EMAIL_LIMIT_PER_DST: false,
  EMAIL_THROTTLE: 0,
  ALERT_ALL: true,
  ENABLE_AUTO_IDS: false,
  AUTO_IDS_DANGER_LEVEL: 5,
  AUTO_BLOCK_TIMEOUT: 3_600,
  ENABLE_AUTO_IDS_REGEX: false,
  AUTO_BLOCK_REGEX: 'ESTAB',
  ENABLE_EXT_SCRIPT_EXEC: false,
  EXTERNAL_SCRIPT: '/bin/true',
  EXEC_EXT_SCRIPT_PER_ALERT: false,
}

const LEVELS: readonly DangerLevel[] = [5, 4, 3, 2, 1]

export function psadDecisions(switches: PsadSwitches, bans: BanPolicy): DecisionPolicy {
  return {
    rules: LEVELS.map((level) => ruleOf(level, switches, bans)),
    mail: {
      everyAlert: switches.ALERT_ALL,
      perSource: switches.EMAIL_LIMIT,
      perDestination: switches.ENABLE_EMAIL_LIMIT_PER_DST,
      throttle: switches.EMAIL_THROTTLE,
    },
    banPrefix: switches.ENABLE_AUTO_IDS_REGEX ? switches.AUTO_BLOCK_REGEX : undefined,
    onlyLevels: !switches.ALERT_ALL,
    bans,
  }
}

/** What is worth saying at the start. */
export function psadRemarks(switches: PsadSwitches, bans: BanPolicy): string[] {
  if (!switches.ENABLE_AUTO_IDS) return []
  const endless = LEVELS.filter(
    (level) => level >= switches.AUTO_IDS_DANGER_LEVEL && timeoutOf(level, switches) === 0,
  )
  if (endless.length === 0) return []
  const levels = endless.map((level) => `level ${level}`).join(', ')
  return [
    `AUTO_BLOCK_TIMEOUT 0 (${levels}): there is no ban without an end; read as ${bans.lengths.capSeconds} s, the longest allowed`,
  ]
}

function ruleOf(level: DangerLevel, switches: PsadSwitches, { lengths }: BanPolicy): DecisionRule {
  const isTold = level >= switches.EMAIL_ALERT_DANGER_LEVEL
  const isBanned = switches.ENABLE_AUTO_IDS && level >= switches.AUTO_IDS_DANGER_LEVEL
  const timeout = timeoutOf(level, switches)
  return {
    name: `psad DL${level}`,
    when: { level },
    tell: isTold ? ['*'] : switches.ENABLE_EXT_SCRIPT_EXEC ? [EXTERNAL_SCRIPT] : [],
    page: false,
    banSeconds: isBanned ? timeout || lengths.capSeconds : 0,
    banHosts: [],
  }
}

/** psad's own default: level 5 has no end, the others share AUTO_BLOCK_TIMEOUT. */
function timeoutOf(level: DangerLevel, switches: PsadSwitches): number {
  const own: readonly (number | undefined)[] = [
    undefined,
    switches.AUTO_BLOCK_DL1_TIMEOUT,
    switches.AUTO_BLOCK_DL2_TIMEOUT,
    switches.AUTO_BLOCK_DL3_TIMEOUT,
    switches.AUTO_BLOCK_DL4_TIMEOUT,
    switches.AUTO_BLOCK_DL5_TIMEOUT ?? 0,
  ]
  return own[level] ?? switches.AUTO_BLOCK_TIMEOUT
}
