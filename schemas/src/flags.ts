/** TCP flags, as the bits of the header's flag byte (RFC 9293 3.1; ECE and CWR: RFC 3168). */
export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16
export const URG = 32
export const ECE = 64
export const CWR = 128

/** Names by bit, in the order in which the kernel prints them (nf_log_syslog.c). */
const PRINTED: readonly (readonly [number, string])[] = [
  [CWR, 'CWR'],
  [ECE, 'ECE'],
  [URG, 'URG'],
  [ACK, 'ACK'],
  [PSH, 'PSH'],
  [RST, 'RST'],
  [SYN, 'SYN'],
  [FIN, 'FIN'],
]

export function flagNames(flags: number): string[] {
  return PRINTED.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
}
