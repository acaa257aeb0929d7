/**
 * Failpoints: places at which a test lets the process die, hang or fail, between two steps whose order matters.
 *
 * `PICKET_FAILPOINT="name"` or `"name:3"` kills the process with SIGKILL at the first, or the third, pass of
 * that place: no handler runs, nothing is flushed. `"name:3:stop"` stops it there until SIGCONT comes, as a machine
 * does that sleeps. `PICKET_FAULT="name:place"` makes what happens at that place throw, each time. Without the
 * variables a pass costs one comparison.
 */
const [wanted, passesLeft, signal] = parsed(process.env['PICKET_FAILPOINT'])
let left = passesLeft
const faulty = process.env['PICKET_FAULT']

/** Names are `service.step`, such as `collector.fsynced`. */
export function failpoint(name: string): void {
  if (wanted === undefined || name !== wanted || left === 0 || --left > 0) return
  process.kill(process.pid, signal)
  // The signal may take a moment; not one more step may be taken meanwhile.
  if (signal === 'SIGKILL') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOPPING_MS)
}

/** A bug of ours at one place for ever: `place` tells it from others of that name. */
export function faultpoint(name: string, ...place: readonly (string | number)[]): void {
  if (faulty === undefined || faulty !== [name, ...place].join(':')) return
  throw new Error(`PICKET_FAULT=${faulty}`)
}

const STOPPING_MS = 50

function parsed(setting: string | undefined): [string | undefined, number, 'SIGKILL' | 'SIGSTOP'] {
  if (setting === undefined || setting === '') return [undefined, 0, 'SIGKILL']
  const [name, passes = '1', how] = setting.split(':')
  if (!/^[1-9]\d*$/.test(passes) || (how !== undefined && how !== 'stop'))
    throw new Error(`PICKET_FAILPOINT=${setting}: NAME, NAME:PASSES or NAME:PASSES:stop`)
  return [name, Number(passes), how === 'stop' ? 'SIGSTOP' : 'SIGKILL']
}
