/**
 * What responders told, and what they are to tell of the topic in one life that nothing happens to.
 */
import { type Standing, weigh } from '@picket/responder'
import type { Message, Queue } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { alertOf, MESSAGES } from '@picket/schemas/messages'
import { all } from './oracle.ts'

/** Ids in their order. A life that was ended in the midst of a line leaves a piece of one. */
export function toldIn(out: string): string[] {
  return [...out.matchAll(/\{"alert":"([0-9a-f]{16})"[^\n]*\}\n/g)].map(([, id]) => id ?? '')
}

export async function worthTelling(queue: Queue, topic: string): Promise<Set<string>> {
  const worth = new Set<string>()
  for (let partition = 0; partition < (await queue.partitions(topic)); partition++) {
    const standings = new Map<string, Standing>()
    for (const message of await all(queue, topic, partition)) {
      const alert = alertIn(message)
      const { judgement, standing } = weigh(standings.get(alert.incident.id), alert, Date.now())
      if (standing !== undefined) standings.set(alert.incident.id, standing)
      if (judgement.tell) worth.add(alert.id)
    }
  }
  return worth
}

function alertIn({ value }: Message): Alert {
  const decoded = MESSAGES.alert.decode(value ?? new Uint8Array())
  if (!decoded.ok) throw new Error(decoded.detail)
  return alertOf(decoded.value)
}
