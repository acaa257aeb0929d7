/**
 * Ban obstacle: why what was seen of a source does not suffice to ban it, whatever rule asks for that.
 *
 * Whoever can forge a sender could else ban whom he likes through us. So packets that anybody can send in another's name are no
 * proof, and an incident that may itself be about forged packets is none at all. One obstacle is enough; the weightiest is named.
 */
import { type Alert, type Kind, parseAddress } from '@picket/schemas'
import type { BanPolicy, Proof } from './decision-policy.ts'
import { counted, type Reason, reason } from './reason.ts'
import { scopeOf } from './special-source.ts'

/** Kinds in which the sender named is likely not who sent. */
const SUSPECT_KINDS: readonly Kind[] = [
  'decoy_scan',
  'backscatter',
  'spoof_suspect',
  'distributed_scan',
  'flood',
]

const PROOF_WORDS: Readonly<Record<Proof, string>> = {
  'syn-contacts': 'SYNs to several places',
  connection: 'an established connection',
  'none-needed': 'anything',
}

export function obstacleTo({ incident }: Alert, bans: BanPolicy): Reason | undefined {
  const { source, kinds, packets } = incident
  if (source === null || incident.members.length > 0)
    return reason(
      'many-sources',
      `not banned: the scan is by ${counted(incident.members.length, 'source')}, none of which is proven to be its author`,
    )
  const scope = scopeOf(parseAddress(source))
  if (scope !== undefined) return reason('special-address', `not banned: ${source} is ${scope}`)
  if (kinds.includes('outbound_scan'))
    return reason('own-host', `not banned: ${source} is one of our own hosts`)
  const suspect = kinds.find((kind) => SUSPECT_KINDS.includes(kind))
  if (suspect !== undefined)
    return reason('suspect-kind', `not banned: it may be forged (${suspect.replaceAll('_', ' ')})`)
  if (packets < bans.leastPackets && !bans.proofs.includes('none-needed'))
    return reason(
      'one-packet',
      `not banned: only ${counted(packets, 'packet')} seen, ${bans.leastPackets} needed`,
    )
  return proofOf(incident, bans) === undefined ? spoofable(incident, bans) : undefined
}

/** What proves that the source is who it says it is; undefined for nothing that counts. */
export function proofOf(
  incident: Alert['incident'],
  { proofs }: Pick<BanPolicy, 'proofs'>,
): Proof | undefined {
  const holds: Readonly<Record<Proof, boolean>> = {
    connection: incident.kinds.includes('brute_connect'),
    'syn-contacts': incident.bannable && incident.techniques.includes('syn'),
    'none-needed': true,
  }
  return proofs.find((proof) => holds[proof])
}

export function sayProof(proof: Proof, { contacts }: Alert['incident']): Reason {
  return reason(
    'proof',
    proof === 'syn-contacts'
      ? `proof: SYNs to several of its ${counted(contacts, 'contact')}`
      : `proof: ${PROOF_WORDS[proof]}`,
  )
}

function spoofable({ techniques, contacts }: Alert['incident'], { proofs }: BanPolicy): Reason {
  const seen = techniques.length === 0 ? 'packets of no known technique' : techniques.join(', ')
  const wanted = proofs.map((proof) => PROOF_WORDS[proof]).join(' or ') || 'nothing that would be'
  return reason(
    'spoofable',
    `not banned: only spoofable evidence (${seen}, ${counted(contacts, 'contact')}); proof would be ${wanted}`,
  )
}
