/**
 * Where things stand in a checkout, seen from the compiled tests.
 *
 * All paths hang on this file's own place in test/dist, never on the working directory: a test
 * must find its data from wherever it is started.
 */
import { fileURLToPath } from 'node:url'

export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url))
export const TRACES: string = fileURLToPath(new URL('../traces/', import.meta.url))
export const GOLDEN: string = fileURLToPath(new URL('../golden/', import.meta.url))
export const LAB: string = fileURLToPath(new URL('../lab/', import.meta.url))
/** The command as a user starts it. */
export const PICKET: string = fileURLToPath(new URL('../../picket', import.meta.url))
/** The same command without the check whether a build is due: for measurements. */
export const PICKET_MAIN: string = fileURLToPath(
  new URL('../../packages/cli/dist/src/main.js', import.meta.url),
)
