/** The floor under every reader of lines: reads a file in blocks and finds the line ends, nothing else. */
import { closeSync, openSync, readSync } from 'node:fs'

const BLOCK = 1 << 20
const LF = 10

const file = openSync(process.argv[2] ?? '', 'r')
const block = new Uint8Array(BLOCK)
const view = Buffer.from(block.buffer)
let lines = 0
for (let read = readSync(file, block); read > 0; read = readSync(file, block)) {
  const filled = view.subarray(0, read)
  for (let at = filled.indexOf(LF); at >= 0; at = filled.indexOf(LF, at + 1)) lines++
}
closeSync(file)
process.stdout.write(`${lines}\n`)
