/**
 * Message groups: how many messages are read at once, so that one look-up in the store serves them all.
 *
 * Light agents send five packets a message, busy ones a thousand; so a group is bounded by bytes, not by messages.
 */
import type { Message } from '@picket/runtime'

/** Some thousand packets. */
const GROUP_BYTES = 96 * 1024

export class MessageGroups implements Iterable<readonly Message[]> {
  readonly #messages: readonly Message[]

  constructor(messages: readonly Message[]) {
    this.#messages = messages
  }

  *[Symbol.iterator](): Iterator<readonly Message[]> {
    let group: Message[] = []
    let bytes = 0
    for (const message of this.#messages) {
      group.push(message)
      bytes += message.value?.length ?? 0
      if (bytes < GROUP_BYTES) continue
      yield group
      group = []
      bytes = 0
    }
    if (group.length > 0) yield group
  }
}
