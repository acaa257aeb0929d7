/** Notices that wait, in memory: for tests, `picket notify test`, and until a store keeps them. They are lost with the process. */
import { type NoticeQueue, threadOf, type Waiting } from '../../tell/index.ts'

/** A channel for which more wait is as good as dead. */
const MAX_WAITING = 10_000

export class MemoryNoticeQueue implements NoticeQueue {
  readonly #channels = new Map<string, Map<string, Waiting>>()
  readonly #most: number

  constructor(most: number = MAX_WAITING) {
    this.#most = most
  }

  async put(channel: string, waiting: Waiting): Promise<'put' | 'known' | 'full'> {
    const queue = this.#channels.get(channel) ?? new Map<string, Waiting>()
    this.#channels.set(channel, queue)
    if (queue.has(waiting.notice.id)) return 'known'
    if (queue.size >= this.#most) return 'full'
    queue.set(waiting.notice.id, waiting)
    return 'put'
  }

  async next(channel: string, passOver: ReadonlySet<string>): Promise<Waiting | undefined> {
    for (const waiting of this.#channels.get(channel)?.values() ?? []) {
      if (!passOver.has(threadOf(waiting.notice))) return waiting
    }
    return undefined
  }

  async done(channel: string, id: string): Promise<void> {
    this.#channels.get(channel)?.delete(id)
  }
}
