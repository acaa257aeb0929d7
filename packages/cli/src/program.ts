/**
 * The program: the list of commands.
 *
 * Start-up time is a feature: each command's file here holds only its options and its help, and loads
 * what it needs when it runs. `--help` must load nothing but commander.
 */
import { Command } from 'commander'
import { addAnalyze } from './commands/analyze.ts'
import { addAllow, addBan, addBans, addUnban } from './commands/bans.ts'
import { addCollector } from './commands/collector.ts'
import { addConfig } from './commands/config.ts'
import { addDecide } from './commands/decide.ts'
import { addDemo } from './commands/demo.ts'
import { addDetector } from './commands/detector.ts'
import { addDev } from './commands/dev.ts'
import { addEnforcer } from './commands/enforcer.ts'
import { addExplain } from './commands/explain.ts'
import { addKeys } from './commands/keys.ts'
import { addNotify } from './commands/notify.ts'
import { addParse } from './commands/parse.ts'
import { addResponder } from './commands/responder.ts'
import { addRun } from './commands/run.ts'
import { addStatus } from './commands/status.ts'
import { addTopics } from './commands/topics.ts'
import { VERSION } from './version.ts'

const EXAMPLES = `
Examples:
  picket demo                                     see it work, with a recorded scan
  picket analyze /var/log/kern.log                who scanned this host?
  journalctl -k -o json | picket analyze -        the same from the journal
  sudo picket run                                 watch from now on
  picket explain 203.0.113.9 /var/log/kern.log    why this level?

Exit status: 0 well, 1 findings (--fail-on-alert), 2 wrong use or configuration, 70 internal fault.`

const COMMANDS = [
  addAnalyze,
  addExplain,
  addParse,
  addRun,
  addCollector,
  addDetector,
  addResponder,
  addEnforcer,
  addKeys,
  addStatus,
  addBan,
  addUnban,
  addBans,
  addAllow,
  addDecide,
  addNotify,
  addTopics,
  addConfig,
  addDemo,
  addDev,
]

export function buildProgram(): Command {
  const program = new Command('picket')
    .description('Reads what the firewall logs, and knows who is scanning.')
    .version(VERSION)
    .option('--no-color', 'plain text also on a terminal (so do NO_COLOR, TERM=dumb and a pipe)')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .showSuggestionAfterError()
  for (const add of COMMANDS) add(program)
  return program
}
