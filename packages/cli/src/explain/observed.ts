/** What each observation means, in the words of `picket explain`. */
import type { Observation } from '@picket/detector'

export const MEANING: Readonly<Record<Observation, string>> = {
  probe: 'a probe',
  suspect: 'perhaps the tail of a closed session; counts only with more of its sort',
  ignored: 'ignored by a rule',
  accepted: 'the firewall let it pass',
  audited: 'logged before the verdict; the refusal has a line of its own',
  repeat: 'told of already by another line',
  noise: 'broadcast, multicast or local discovery',
  'neighbour-discovery': 'IPv6 neighbour discovery',
  'icmp-error': 'an ICMP error',
  backscatter: 'an answer to packets forged in our name',
  reply: 'an answer that came late',
  stray: 'of a session that is already closed',
  traceroute: 'traceroute',
  browsing: 'one of our own to a port that everybody uses',
}

/** The same of several packets, to stand behind "are". */
export const MEANING_OF_MANY: Readonly<Record<Observation, string>> = {
  ...MEANING,
  probe: 'probes',
  suspect: 'perhaps the tails of closed sessions',
  accepted: 'let pass by the firewall',
  audited: 'lines from before the verdict',
  repeat: 'told of already',
  'icmp-error': 'ICMP errors',
  backscatter: 'answers to packets forged in our name',
  reply: 'late replies',
  stray: 'of sessions that are already closed',
  browsing: 'our own, to ports that everybody uses',
}
