/**
 * Crowd: all packets of the log, judged only to know what the explained source is part of.
 *
 * What many do together cannot be seen in the packets of one.
 */
import { Detector, type LocalTogether } from '@picket/detector'
import { type Incident, type Packet, type Prefix, parsePrefix, prefixContains } from '@picket/schemas'
import { type Judging, togetherFor } from '../judging.ts'

export class Crowd {
  readonly #together: LocalTogether | undefined
  readonly #detector: Detector | undefined

  constructor({ method, rules }: Judging) {
    this.#together = togetherFor(method)
    if (this.#together === undefined) return
    this.#detector = new Detector({ method, rules, onContact: this.#together.onContact })
  }

  packet(packet: Packet): void {
    this.#detector?.observe(packet)
  }

  /** The incidents of many that this source takes part in. Call it when all packets are read. */
  incidentsWith(source: Prefix): Incident[] {
    this.#together?.flush()
    const all = this.#together?.incidents() ?? []
    return all.filter(({ members }) => members.some((member) => isWithin(member, source)))
  }
}

function isWithin(member: string, source: Prefix): boolean {
  const prefix = parsePrefix(member)
  return prefix !== undefined && prefixContains(prefix, source.address)
}
