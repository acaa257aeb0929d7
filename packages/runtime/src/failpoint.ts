/**
 * Failpoints: places at which a test lets the process die, between two steps whose order matters.
 *
 * `PICKET_FAILPOINT="name"` or `"name:3"` kills the process with SIGKILL at the first, or the third, pass of
 * that place: no handler runs, nothing is flushed. Without the variable a pass costs one comparison.
 */
const [wanted, passesLeft] = parsed(process.env['PICKET_FAILPOINT'])
let left = passesLeft

/** Names are `service.step`, such as `collector.fsynced`. */
export function failpoint(name: string): void {
  if (wanted === undefined || name !== wanted || --left > 0) return
  process.kill(process.pid, 'SIGKILL')
  // The signal may take a moment; not one more step may be taken meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

function parsed(setting: string | undefined): [string | undefined, number] {
  if (setting === undefined || setting === '') return [undefined, 0]
  const [name, passes = '1'] = setting.split(':')
  if (!/^[1-9]\d*$/.test(passes)) throw new Error(`PICKET_FAILPOINT=${setting}: NAME or NAME:PASSES`)
  return [name, Number(passes)]
}
