/**
 * The score: 0 to 100, for putting incidents in order where levels are equal (detection.md 3).
 *
 * It says how much there is, on a scale that saturates; it decides nothing.
 */
export interface ScoreParts {
  /** Hundredths of nats. */
  readonly evidence: number
  readonly hosts: number
  readonly ports: number
  readonly kinds: number
  readonly touchesSensitivePort: boolean
  readonly isOutbound: boolean
}

export function scoreOf(parts: ScoreParts): number {
  const weight =
    0.18 * (parts.evidence / 100) +
    0.35 * Math.log2(1 + parts.hosts) +
    0.25 * Math.log2(1 + parts.ports) +
    0.3 * parts.kinds +
    (parts.touchesSensitivePort ? 0.6 : 0) +
    (parts.isOutbound ? 1 : 0)
  return Math.round(100 * (1 - Math.exp(-weight / 3)))
}
