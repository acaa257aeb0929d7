/**
 * The process `picket`: runs the program and turns what it throws into an exit status.
 *
 * A reader that went away (`picket … | head`) is not an error: the process ends at once and quietly.
 */
import { CommanderError } from 'commander'
import { codeOf, EXIT, tellFailure } from './failures.ts'
import { buildProgram } from './program.ts'

function endQuietlyOn(stream: NodeJS.WriteStream): void {
  stream.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') process.exit(process.exitCode ?? EXIT.well)
    throw error
  })
}

export async function runPicket(): Promise<void> {
  endQuietlyOn(process.stdout)
  endQuietlyOn(process.stderr)
  try {
    await buildProgram().parseAsync(process.argv)
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.well : EXIT.wrongUse
    } else {
      const { text, status } = tellFailure(error, process.env['PICKET_DEBUG'] === '1')
      process.stderr.write(text)
      process.exitCode = status
    }
  }
}
