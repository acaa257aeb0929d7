/**
 * Lines to a file or to standard output: JSON of ECS or OCSF, or a line for people.
 *
 * A file is opened for each notice, so that it may be rotated; a line is one write in append mode, so lines never mix.
 */
import { appendFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { Channel, ChannelType, Notice, Sent } from '../../tell/index.ts'

export class LinesChannel implements Channel {
  readonly name: string
  readonly type: ChannelType
  readonly #print: (notice: Notice) => string
  readonly #to: string | Writable

  constructor(name: string, type: ChannelType, to: string | Writable, print: (notice: Notice) => string) {
    this.name = name
    this.type = type
    this.#to = to
    this.#print = print
  }

  async send(notice: Notice): Promise<Sent> {
    const line = `${this.#print(notice)}\n`
    try {
      if (typeof this.#to === 'string') await appendFile(this.#to, line, { mode: 0o640 })
      else await written(this.#to, line)
      return { ok: true, answer: `${line.length} characters written` }
    } catch (error) {
      return { ok: false, reason: 'unreachable', retryable: true, why: (error as Error).message }
    }
  }

  async close(): Promise<void> {}
}

function written(stream: Writable, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(line, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
