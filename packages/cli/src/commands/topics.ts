/** `picket topics apply|check|acl`: options and help. The work is in ../topics. */
import type { Command } from 'commander'
import { collect } from './options.ts'

export interface TopicFlags {
  readonly config?: string
  readonly json?: boolean
  readonly dryRun?: boolean
}

export interface AclFlags {
  readonly config?: string
  readonly json?: boolean
  readonly apply?: boolean
  readonly principal: string[]
}

const CONFIG_OPTION = 'the file (default: $PICKET_CONFIG, /etc/picket/picket.yaml)'

const EXAMPLES = `
Examples:
  picket topics apply --dry-run                           what would be made or changed
  picket topics apply                                     make what is missing, set what differs
  picket topics check                                     exit status 1 with each difference
  picket topics acl                                       the rights of each process, as kafka-acls.sh takes them
  picket topics acl --apply --principal collector=User:edge
                                                          grant them`

export function addTopics(program: Command): void {
  const topics = program
    .command('topics')
    .description('make and check the topics of a fleet, and who may use them')
  topics.addHelpText('after', EXAMPLES)
  topics
    .command('apply')
    .description(
      'make the topics that are missing and set what differs; never changes a number of partitions',
    )
    .option('--config <file>', CONFIG_OPTION)
    .option('--dry-run', 'only tell what would be done')
    .option('--json', 'one JSON document')
    .action(async (_: unknown, self: Command) => {
      const { applyTopics } = await import('../topics/apply.ts')
      process.exitCode = await applyTopics(self.optsWithGlobals<TopicFlags>())
    })
  topics
    .command('check')
    .description('compare the topics with the configuration; exit status 1 when they differ')
    .option('--config <file>', CONFIG_OPTION)
    .option('--json', 'one JSON document')
    .action(async (_: unknown, self: Command) => {
      const { checkTopics } = await import('../topics/check.ts')
      process.exitCode = await checkTopics(self.optsWithGlobals<TopicFlags>())
    })
  topics
    .command('acl')
    .description('print, or grant, the least rights that each process needs')
    .option('--config <file>', CONFIG_OPTION)
    .option('--principal <role=principal>', 'who it is (default: User:picket-<role>)', collect, [])
    .option('--apply', 'grant them; needs a user that may')
    .option('--json', 'one JSON document')
    .action(async (_: unknown, self: Command) => {
      const { showAcls } = await import('../topics/acl.ts')
      await showAcls(self.optsWithGlobals<AclFlags>())
    })
}
