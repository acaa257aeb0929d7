/**
 * Connections to sshd that have lasted: `ss` does not say how old one is, so each is remembered from when it was first seen.
 *
 * sshd ends a connection on which nobody has logged in after LoginGraceTime, 120 s by default; what is older is a session.
 */
const GRACE_MS = 150_000

export class HeldSessions {
  readonly #ports: ReadonlySet<number>
  /** By both ends, the time of the first sight. */
  #seen = new Map<string, number>()

  constructor(ports: readonly number[]) {
    this.#ports = new Set(ports)
  }

  /** Takes what `ss -H -t -n state established` prints; answers with the addresses of sessions. */
  see(listing: string, now: number): string[] {
    const seen = new Map<string, number>()
    const held: string[] = []
    for (const line of listing.split('\n')) {
      const [local, peer] = line.trim().split(/\s+/).slice(-2)
      if (local === undefined || peer === undefined || !this.#ports.has(portOf(local))) continue
      const since = this.#seen.get(`${local} ${peer}`) ?? now
      seen.set(`${local} ${peer}`, since)
      if (now - since >= GRACE_MS) held.push(addressOf(peer))
    }
    this.#seen = seen
    return held
  }
}

function portOf(end: string): number {
  return Number(end.slice(end.lastIndexOf(':') + 1))
}

/** `[2001:db8::9]:51000`, `203.0.113.9:51000`, `[::ffff:203.0.113.9]:51000`, `[fe80::1%eth0]:22`. */
function addressOf(end: string): string {
  const address = end.slice(0, end.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1')
  return address.split('%')[0] ?? address
}
