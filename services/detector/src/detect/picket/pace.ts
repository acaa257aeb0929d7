/**
 * Pace: whether a source has ever probed three different contacts in one clock hour.
 *
 * That is the line between a slow scan and any other. The newest two hours are watched, so packets may come
 * out of order; once the answer is yes nothing is kept.
 */
const SECOND_HOUR = 3

export class Pace {
  /** Twice: the hour, and up to two contacts in it. 0 stands for none. */
  private hours: number[] | null = [0, 0, 0, 0, 0, 0]

  get isFast(): boolean {
    return this.hours === null
  }

  see(minute: number, hash: number): void {
    const hours = this.hours
    if (hours === null) return
    const contact = hash === 0 ? 1 : hash
    const hour = Math.floor(minute / 60)
    if (hour > (hours[0] as number)) {
      hours.copyWithin(SECOND_HOUR, 0, SECOND_HOUR)
      hours[0] = hour
      hours[1] = contact
      hours[2] = 0
      return
    }
    const at = hour === hours[0] ? 0 : SECOND_HOUR
    if (hour === hours[at] || this.takeHour(hours, at, hour)) this.note(hours, at, contact)
  }

  pack(): unknown {
    return this.hours === null ? null : [...this.hours]
  }

  static unpack(packed: unknown): Pace {
    const pace = new Pace()
    pace.hours = packed === null ? null : [...(packed as number[])]
    return pace
  }

  /** A late packet may be the first of the hour before. */
  private takeHour(hours: number[], at: number, hour: number): boolean {
    if (at !== SECOND_HOUR || hour <= (hours[at] as number)) return false
    hours[at] = hour
    hours[at + 1] = 0
    hours[at + 2] = 0
    return true
  }

  private note(hours: number[], at: number, contact: number): void {
    if (hours[at + 1] === contact || hours[at + 2] === contact) return
    if (hours[at + 1] === 0) hours[at + 1] = contact
    else if (hours[at + 2] === 0) hours[at + 2] = contact
    else this.hours = null
  }
}
