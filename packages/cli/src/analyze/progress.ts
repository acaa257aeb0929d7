/**
 * Progress: one line on standard error that tells how far a long read has come.
 *
 * Nothing is shown in the first second, nor where standard error is no terminal; the line is wiped
 * before the report. The share is of bytes on disk, so it is right for packed files too.
 */
import { bytes, span } from '../terminal/words.ts'
import type { Input } from './inputs.ts'

const QUIET_MS = 1000
const EVERY_MS = 100
const ESC = String.fromCharCode(27)

export class Progress {
  readonly #inputs: readonly Input[]
  readonly #began: number
  readonly #isOn: boolean
  #told = 0

  constructor(inputs: readonly Input[]) {
    this.#inputs = inputs
    this.#began = performance.now()
    this.#isOn = process.stderr.isTTY === true
  }

  tell(lines: number): void {
    if (!this.#isOn) return
    const now = performance.now()
    if (now - this.#began < QUIET_MS || now - this.#told < EVERY_MS) return
    this.#told = now
    process.stderr.write(`\r${progressLine(this.#inputs, lines, now - this.#began)}${ESC}[K`)
  }

  end(): void {
    if (this.#told > 0) process.stderr.write(`\r${ESC}[K`)
  }
}

export function progressLine(inputs: readonly Input[], lines: number, elapsedMs: number): string {
  const taken = inputs.reduce((sum, input) => sum + input.taken, 0)
  const size = inputs.reduce((sum, input) => sum + input.size, 0)
  const rate = `${Math.round(lines / elapsedMs)} k lines/s`
  if (Number.isNaN(size) || size === 0) return `${bytes(taken)} read · ${rate}`
  const share = Math.min(taken / size, 1)
  const left = share === 0 ? '' : ` · ${span((elapsedMs * (1 - share)) / share)} left`
  return `${Math.floor(share * 100)} % of ${bytes(size)} · ${rate}${left}`
}
