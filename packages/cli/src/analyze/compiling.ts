/**
 * Compiling: how long V8 lets a function run before it spends time on optimizing it, and what it puts into one.
 *
 * Its own patience is for programs that go on. A log of a million lines is read in two seconds, and a quarter of those
 * went into compiling: functions of which the rest of the run makes little use, and others compiled anew when the first
 * datagram or IPv6 line came.
 */
import { setFlagsFromString } from 'node:v8'

/** No result depends on them. */
const PATIENCE = [
  // Bytes of bytecode run before a function is looked at; V8's own number is 67,584
  '--interrupt-budget=337920',
]

/**
 * Compiled code differs by what V8 happens to know when it comes to a function, and a run's time by five hundredths with
 * it; so these were chosen by their mean over chunks of several lengths, each of which shifts that moment.
 */
const INLINING = [
  // The smallest functions end up within others: alone they need not be optimized first. V8's own number is 81
  '--max-bytecode-size-for-early-opt=0',
  // And there is room for more of them in a function that runs for every line; its own is 920
  '--max-inlined-bytecode-size-cumulative=1400',
]

/** Of Node 20 to 24. One that does not know a flag would complain on standard error. */
const KNOWN_V8 = /^1[123]\./
/** Of Node 20, for which they were measured. */
const MEASURED_V8 = /^11\./

export function compileLater(): void {
  const { v8 } = process.versions
  const known = [...(KNOWN_V8.test(v8) ? PATIENCE : []), ...(MEASURED_V8.test(v8) ? INLINING : [])]
  for (const flag of known) setFlagsFromString(flag)
}
