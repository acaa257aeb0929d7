/**
 * Compiling: how long V8 lets a function run before it spends time on optimizing it.
 *
 * Its own patience is for programs that go on. A log of a million lines is read in two seconds, and a quarter of those
 * went into compiling: functions of which the rest of the run makes little use, and others compiled anew when the first
 * datagram or IPv6 line came.
 */
import { setFlagsFromString } from 'node:v8'

/** Bytes of bytecode run; V8's own number is 67,584. No result depends on it. */
const INTERRUPT_BUDGET = 270_336
/** Of Node 20 to 24. One that does not know the flag would complain on standard error. */
const KNOWN_V8 = /^1[123]\./

export function compileLater(): void {
  if (KNOWN_V8.test(process.versions.v8)) setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
}
