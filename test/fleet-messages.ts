/**
 * Alerts and heartbeats as detectors and collectors send them, for tests of what reads them.
 */
import type { Outgoing, Producer } from '@picket/runtime'
import { type AlertMessage, type DeadLetter, MESSAGES, type Receipt } from '@picket/schemas/messages'

export function idOf(number: number): string {
  return number.toString(16).padStart(16, '0')
}

/** A vertical scan that has just been seen. */
export function alertNumber(number: number, part: Partial<AlertMessage> = {}): AlertMessage {
  const now = Date.now()
  const source = `203.0.113.${number % 256}`
  return {
    id: idOf(number),
    revision: 1,
    rose: ['opened'],
    time: now,
    logged: now,
    incident: {
      ...{ id: idOf(number), source, members: [], target: null, prefix: `${source}/32` },
      ...{ kinds: ['vertical_scan'], level: 3, score: 70, firstSeen: now - 5_000, lastSeen: now },
      ...{ packets: 120, contacts: 100, hosts: ['10.0.0.5'], hostCount: 1, reporters: ['web1'] },
      ...{ ports: { tcp: '1-100' }, portCount: 100, protocols: [6], techniques: ['syn'] },
      ...{ attack: ['T1595.001'], tool: null, os: null, signatures: [], bannable: true },
      reasons: ['100 contacts: level 3 begins at 100'],
    },
    evidence: [],
    ...part,
  }
}

export function collectorBeat(reporter: string, everyMs: number, state = 'running'): Receipt {
  const now = Date.now()
  const heartbeat = { started: now, everyMs, state, faults: [], numbers: { lines: 7 } }
  return {
    service: 'collector',
    instance: reporter,
    reporter,
    time: now,
    version: '0.1.0',
    heartbeat,
    ban: null,
  }
}

export async function sendAlert(producer: Producer, prefix: string, alert: AlertMessage): Promise<void> {
  await producer.send(`${prefix}.alerts`, alert.revision % 2, [messageOf(MESSAGES.alert.encode(alert))])
}

export async function sendBeat(producer: Producer, prefix: string, receipt: Receipt): Promise<void> {
  await producer.send(`${prefix}.receipts`, 0, [messageOf(MESSAGES.receipt.encode(receipt))])
}

export function messageOf(value: Uint8Array): Outgoing {
  return { key: null, value }
}

export function readLetter(value: Uint8Array | null): DeadLetter | undefined {
  const letter = value === null ? undefined : MESSAGES.deadLetter.decode(value)
  return letter?.ok === true ? letter.value : undefined
}
