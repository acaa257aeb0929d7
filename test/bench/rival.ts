/**
 * The rival of the micro benchmarks: the parser and the fold one writes first, with regular expressions, objects, Map and Set.
 *
 * It starts from the same bytes and ends with the same kind of values for the usual line; it knows nothing of the odd ones. It is
 * here to be measured against, and imported nowhere else.
 */
export interface PlainPacket {
  readonly time: number
  readonly reporter: string
  readonly prefix: string
  readonly src: readonly number[]
  readonly dst: readonly number[]
  readonly source: string
  readonly host: string
  readonly proto: string
  readonly dpt: number
  readonly numbers: Readonly<Record<string, number>>
  readonly flags: readonly string[]
}

const LINE = /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) kernel: (?:\[ *[\d.]+\] )?(.*?)(IN=\S* OUT=\S* .*)$/
const FLAGS = /RES=0x\d\d (.*?)URGP=/

export function parsePlain(line: string): PlainPacket | undefined {
  const [, time, reporter, prefix, body] = LINE.exec(line) ?? []
  if (time === undefined || reporter === undefined || prefix === undefined || body === undefined)
    return undefined
  const fields: Record<string, string> = {}
  const numbers: Record<string, number> = {}
  for (const pair of body.split(' ')) {
    const [key = '', value] = pair.split('=', 2)
    if (value === undefined || key in fields) continue
    fields[key] = value
    numbers[key] = Number(value)
  }
  const { SRC = '', DST = '', PROTO = '' } = fields as { SRC?: string; DST?: string; PROTO?: string }
  return {
    time: Date.parse(`2026 ${time} UTC`),
    reporter,
    prefix,
    src: SRC.split(/[.:]/).map(Number),
    dst: DST.split(/[.:]/).map(Number),
    source: SRC,
    host: DST,
    proto: PROTO,
    dpt: (numbers as { DPT?: number }).DPT ?? -1,
    numbers,
    flags: FLAGS.exec(body)?.[1]?.split(' ') ?? [],
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
    let scan = this.scans.get(packet.source)
    if (scan === undefined) {
      scan = { packets: 0, contacts: new Set(), hosts: new Set(), level: 0 }
      this.scans.set(packet.source, scan)
    }
    scan.packets++
    scan.contacts.add(`${packet.host} ${packet.proto} ${packet.dpt}`)
    scan.hosts.add(packet.host)
    const n = scan.contacts.size
    scan.level = [3, 10, 100, 750, 5000].filter((rung) => n >= rung).length
  }
}
