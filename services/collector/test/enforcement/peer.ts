/** An echo process in a namespace, and what it has printed so far. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from '../enforcer/bed.ts'
import type { Namespace } from './namespace.ts'

const SCRIPT = fileURLToPath(new URL('./echo-process.js', import.meta.url))

export class Peer {
  readonly #child: ChildProcessWithoutNullStreams
  printed = ''
  #pings = 0

  constructor(namespace: Namespace, ...args: readonly string[]) {
    this.#child = spawn('ip', ['netns', 'exec', namespace.name, process.execPath, SCRIPT, ...args])
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text
    })
    this.#child.stdin.on('error', () => undefined)
  }

  says(word: string): Promise<void> {
    return until(() => this.printed.includes(`${word}\n`), `"${word}"; it says: ${this.printed}`)
  }

  /** Sends a line of its own; answers with it. */
  ping(): string {
    this.#pings++
    this.#child.stdin.write(`ping ${this.#pings}\n`)
    return `ping ${this.#pings}`
  }

  /** There and back again. */
  async isServed(): Promise<void> {
    await this.says(this.ping())
  }

  has(word: string): boolean {
    return this.printed.includes(`${word}\n`)
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
