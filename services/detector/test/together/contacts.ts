/**
 * Contacts for tests, made by hand, and the log of contact batches that they make.
 *
 * `at` is in seconds after the test's epoch. A source's rank is counted along as the first stage would.
 */
import type { Alert, Incident } from '@picket/schemas'
import { PICKET_POLICY, type PicketPolicy } from '../../src/detect/picket/policy.ts'
import { type Contact, newContact, TARGETS } from '../../src/detect/together/contact.ts'
import type { ContactMessage } from '../../src/detect/together/contact-message.ts'
import { LocalTogether } from '../../src/detect/together/local-together.ts'
import { address, EPOCH } from '../packets.ts'

export interface ContactParts {
  readonly at?: number
  readonly src?: string
  readonly dst?: string
  readonly port?: number
  readonly proto?: number
  readonly rank?: number
}

export function contact(parts: ContactParts = {}): Contact {
  const { at = 0, src = '198.51.100.1', dst = '10.0.0.5', port = 22, proto = 6, rank = 1 } = parts
  const common = { time: EPOCH + at * 1000, source: address(src), host: address(dst), proto, port, rank }
  return { ...newContact(), ...common }
}

/** Each source touches so many things in turn, all of them different; a second between two contacts. */
export function sharedPorts(sources: number, each: number, parts: ContactParts = {}): Contact[] {
  return shared(sources, each, parts, (i) => ({ port: 1 + i }))
}

export function sharedHosts(sources: number, each: number, parts: ContactParts = {}): Contact[] {
  return shared(sources, each, parts, (i) => ({ dst: `10.0.1.${1 + i}` }))
}

function shared(
  sources: number,
  each: number,
  parts: ContactParts,
  thing: (i: number) => ContactParts,
): Contact[] {
  return Array.from({ length: sources * each }, (_, i) => {
    const src = `198.51.100.${1 + Math.floor(i / each)}`
    return contact({ src, ...parts, at: (parts.at ?? 0) + i, rank: 1 + (i % each), ...thing(i) })
  })
}

/** Noise of single contacts: each of another network. */
export function strangers(count: number, parts: ContactParts = {}): Contact[] {
  return Array.from({ length: count }, (_, i) =>
    contact({ src: `203.${i >> 8}.${i & 255}.7`, ...parts, at: (parts.at ?? 0) + i }),
  )
}

/** Folds them in the process and judges all that waits. */
export function together(
  contacts: readonly Contact[],
  policy: PicketPolicy = PICKET_POLICY,
): { readonly incidents: Incident[]; readonly alerts: Alert[]; readonly local: LocalTogether } {
  const alerts: Alert[] = []
  const local = new LocalTogether({ policy, onAlert: (alert) => alerts.push(alert) })
  for (const one of contacts) local.onContact(one)
  local.flush()
  return { incidents: local.incidents(), alerts, local }
}

/** A message of one upstream partition; without contacts it only carries the watermark. */
export function message(
  upstream: number,
  offset: number,
  watermark: number,
  contacts: readonly Contact[] = [],
): ContactMessage {
  const addresses = new Uint8Array(contacts.length * 32)
  const view = new DataView(addresses.buffer)
  const records = contacts.map((one, at) => {
    one.source.forEach((word, i) => {
      view.setInt32(at * 32 + 4 * i, word)
    })
    one.host.forEach((word, i) => {
      view.setInt32(at * 32 + 16 + 4 * i, word)
    })
    const { time, proto, port, technique, rank } = one
    const targets = TARGETS.host | TARGETS.port
    return { time, source: 2 * at, host: 2 * at + 1, proto, port, technique, rank, targets }
  })
  return { upstream, offset, watermark, addresses, contacts: records }
}
