/** `picket config check|show|schema`: options and help. The work is in ../config. */
import type { Command } from 'commander'

export interface ConfigFlags {
  readonly config?: string
  readonly json?: boolean
  readonly color: boolean
}

const CONFIG_OPTION = 'the file (default: $PICKET_CONFIG, /etc/picket/picket.yaml)'

const EXAMPLES = `
Examples:
  picket config check --config picket.yaml      all faults at once, with line and column
  picket config show                            what holds, and where each value comes from
  picket config schema > picket.schema.json     for editors that complete YAML`

export function addConfig(program: Command): void {
  const config = program.command('config').description('check, show or describe the configuration')
  config.addHelpText('after', EXAMPLES)
  config
    .command('check')
    .description('read the configuration and tell all faults; exit status 2 when there is one')
    .option('--config <file>', CONFIG_OPTION)
    .option('--json', 'one JSON document')
    .action(async (_: unknown, self: Command) => {
      const { checkConfig } = await import('../config/command.ts')
      process.exitCode = await checkConfig(self.optsWithGlobals<ConfigFlags>())
    })
  config
    .command('show')
    .description('print the configuration that holds, and where each value comes from')
    .option('--config <file>', CONFIG_OPTION)
    .option('--json', 'one JSON document')
    .action(async (_: unknown, self: Command) => {
      const { showConfig } = await import('../config/command.ts')
      await showConfig(self.optsWithGlobals<ConfigFlags>())
    })
  config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(async () => {
      const { printSchema } = await import('../config/command.ts')
      printSchema()
    })
}
