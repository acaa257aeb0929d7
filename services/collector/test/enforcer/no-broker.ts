/** The queue while no broker can be reached: each call fails as it does then. */
import {
  type Extent,
  type Message,
  type Producer,
  type Queue,
  QueueError,
  type Subscription,
} from '@picket/runtime'

export class NoBroker implements Queue {
  async producer(): Promise<Producer> {
    return unreachable()
  }

  async subscribe(): Promise<Subscription> {
    return unreachable()
  }

  async partitions(): Promise<number> {
    return unreachable()
  }

  async extent(): Promise<Extent> {
    return unreachable()
  }

  read(): AsyncIterable<Message> {
    return unreachable()
  }

  reachable(): boolean {
    return false
  }

  async close(): Promise<void> {}
}

function unreachable(): never {
  throw new QueueError('unreachable', 'no broker can be reached')
}
