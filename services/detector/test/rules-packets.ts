/** Packets made by hand for the tests of rules and of policy psad. */
import { type Address, newPacket, type Packet, parseAddress } from '@picket/schemas'

export interface Wanted extends Partial<Omit<Packet, 'src' | 'dst'>> {
  readonly src?: string
  readonly dst?: string
}

/** A SYN to port 22 unless told otherwise. */
export function packetOf(wanted: Wanted): Packet {
  const { src = '203.0.113.9', dst = '10.0.0.5', ...rest } = wanted
  const packet = Object.assign(
    newPacket(),
    { time: 0, in: 'eth0', proto: 6, spt: 40_000, dpt: 22, flags: 2 },
    rest,
  )
  packet.src.set(addressOf(src))
  packet.dst.set(addressOf(dst))
  return packet
}

export function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}
