/**
 * Reach: what a source has touched, as the judgement needs it. Two keep it: `FewContacts` exactly, and from 193
 * contacts on `ManyContacts` in bounded space.
 *
 * All of it is a function of the set of contacts, so order cannot show, not even across the step between the two.
 */
export interface Reach {
  /** Contacts; exact up to 192, and always for one host or one port. */
  readonly size: number
  readonly hostCount: number
  /** Distinct pairs of protocol and port. */
  readonly portCount: number
  /** The alert rule holds for what has come in, or for all of it. */
  readonly isScan: boolean
  /** Hundredths of nats, at most MAX_EVIDENCE. */
  readonly evidence: number
  /** One host's ports make a vertical scan. */
  readonly isVertical: boolean
  /** One port's hosts make a sweep. */
  readonly isSweep: boolean
  readonly isStealth: boolean
  readonly isProtocolScan: boolean
  readonly isIcmpSweep: boolean
  /** Three contacts within one clock hour have been seen. */
  readonly isFast: boolean
  /** Distinct contacts probed by a plain SYN, up to the number that makes a source bannable. */
  readonly synContacts: number
  /** As text, by ascending address; at most 256. */
  hosts(): string[]
  /** Ascending port numbers by protocol number. */
  ports(): Map<number, number[]>
  /** Ascending. */
  protocols(): number[]
}

/** Enough for any formula; beyond it evidence is not counted. */
export const MAX_EVIDENCE = 2_000
