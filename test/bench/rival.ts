/**
 * The rival of the micro benchmarks: the parser and the fold one writes first, with regular expressions, objects, Map and Set.
 *
 * It is right for the usual line and knows nothing of the odd ones. It is here to be measured against, and imported nowhere else.
 */
export interface PlainPacket {
  readonly time: string
  readonly prefix: string
  readonly src: string
  readonly dst: string
  readonly proto: string
  readonly spt: number
  readonly dpt: number
  readonly flags: string
  readonly len: number
  readonly ttl: number
}

const HEAD = /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) kernel: (?:\[ *[\d.]+\] )?(.*?)IN=(\S*) OUT=(\S*) /
const ENDS = /SRC=(\S+) DST=(\S+) LEN=(\d+) .*?(?:TTL|HOPLIMIT)=(\d+) .*?PROTO=(\S+)/
const PORTS = /SPT=(\d+) DPT=(\d+)/
const FLAGS = /RES=0x\d\d (.*?)URGP=/

export function parsePlain(line: string): PlainPacket | undefined {
  const head = HEAD.exec(line)
  const ends = ENDS.exec(line)
  if (head === null || ends === null) return undefined
  const ports = PORTS.exec(line)
  const flags = FLAGS.exec(line)
  return {
    time: head[1] ?? '',
    prefix: head[3] ?? '',
    src: ends[1] ?? '',
    dst: ends[2] ?? '',
    len: Number(ends[3]),
    ttl: Number(ends[4]),
    proto: ends[5] ?? '',
    spt: Number(ports?.[1] ?? -1),
    dpt: Number(ports?.[2] ?? -1),
    flags: flags?.[1] ?? '',
  }
}

interface PlainScan {
  packets: number
  readonly contacts: Set<string>
  readonly hosts: Set<string>
  level: number
}

export class PlainFold {
  readonly scans: Map<string, PlainScan> = new Map()

  add(packet: PlainPacket): void {
    let scan = this.scans.get(packet.src)
    if (scan === undefined) {
      scan = { packets: 0, contacts: new Set(), hosts: new Set(), level: 0 }
      this.scans.set(packet.src, scan)
    }
    scan.packets++
    scan.contacts.add(`${packet.dst} ${packet.proto} ${packet.dpt}`)
    scan.hosts.add(packet.dst)
    const n = scan.contacts.size
    scan.level = [3, 10, 100, 750, 5000].filter((rung) => n >= rung).length
  }
}
