/** From the configuration to what is done about alerts: the same for a fleet's responder and for `picket run`. */
import type { ResponseSettings } from '@picket/responder/main'
import { allowEntries } from './bans-schema.ts'
import { decisionPolicy, decisionRemarks } from './decisions-schema.ts'
import { mailBudget } from './mail-budget-schema.ts'
import { operationalChannels } from './operational-channels.ts'
import { quietSeconds } from './policy-schema.ts'
import type { Config } from './schema.ts'

export function responseSettings(config: Config): ResponseSettings {
  return {
    policy: decisionPolicy(config.decisions, config.bans),
    operations: operationalChannels(config.channels),
    budget: mailBudget(config.mailBudget),
    console: config.console,
    allow: allowEntries(config.allow, config.rules.allow),
    answerSeconds: config.bans.answerSeconds,
    confirmSeconds: config.bans.confirmSeconds,
    quietSeconds: quietSeconds(config.policy),
    remarks: decisionRemarks(config.decisions, config.bans),
  }
}
