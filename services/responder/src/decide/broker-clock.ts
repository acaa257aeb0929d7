/**
 * Broker clock: the broker's time, told from our own clock and how far that is off.
 *
 * Silence and age are measured against what the broker stamped, so a responder whose own clock is wrong must neither call
 * every host blind nor take every alert for an old one. The offset comes from our own heartbeats as they are read back.
 */
export class BrokerClock {
  #ownAheadMs = 0

  /** A heartbeat of ours: our clock as it was sent, the broker's as it was appended. */
  heard(ownTime: number, brokerTime: number): void {
    this.#ownAheadMs = ownTime - brokerTime
  }

  /** How far our clock is ahead; a little below 0 is the way to the broker. */
  get ownAheadMs(): number {
    return this.#ownAheadMs
  }

  now(ownTime: number): number {
    return ownTime - this.#ownAheadMs
  }
}
