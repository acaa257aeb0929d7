/**
 * ContactMessage: a batch of first contacts as it lies on picket.contacts (schemas/avro/contact-batch.avsc), read
 * into one flyweight. A record that points outside the table of addresses is passed over and counted.
 */
import { type Contact, newContact } from './contact.ts'

export interface ContactMessage {
  readonly upstream: number
  readonly offset: number
  readonly watermark: number
  readonly addresses: Uint8Array
  readonly contacts: readonly {
    readonly time: number
    readonly source: number
    readonly host: number
    readonly proto: number
    readonly port: number
    readonly technique: number
    readonly rank: number
    readonly targets: number
  }[]
}

const ADDRESS_BYTES = 16

export class ContactMessageReader {
  /** Records that made no sense. */
  unsound = 0
  private readonly contact: Contact = newContact()

  read(message: ContactMessage, visit: (contact: Contact) => void): void {
    const { addresses, contacts } = message
    const view = new DataView(addresses.buffer, addresses.byteOffset, addresses.byteLength)
    const known = Math.floor(addresses.byteLength / ADDRESS_BYTES)
    const { contact } = this
    for (const record of contacts) {
      if (!isWithin(record.source, known) || !isWithin(record.host, known)) {
        this.unsound++
        continue
      }
      readAddress(view, record.source, contact.source)
      readAddress(view, record.host, contact.host)
      contact.time = record.time
      contact.proto = record.proto & 0xff
      contact.port = record.port
      contact.technique = record.technique
      contact.rank = record.rank
      contact.targets = record.targets
      visit(contact)
    }
  }
}

function isWithin(index: number, count: number): boolean {
  return index >= 0 && index < count
}

function readAddress(view: DataView, index: number, into: Int32Array): void {
  for (let word = 0; word < 4; word++) into[word] = view.getInt32(index * ADDRESS_BYTES + 4 * word)
}
