/** `picket demo`: its options and help. The work is in ../demo. */
import type { Command } from 'commander'

export interface DemoFlags {
  readonly color: boolean
}

const EXAMPLES = `
Example:
  picket demo            a few seconds; needs no rights, leaves nothing behind`

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('replay a recorded scan through the whole pipeline, live')
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runDemo } = await import('../demo/command.ts')
      await runDemo(self.optsWithGlobals<DemoFlags>())
    })
}
