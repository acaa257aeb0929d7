/** TouchedParts: the names of the stored parts that changed since they were last taken. */
import type { GroupKey, HostKey, TargetKey } from './keys.ts'
import { CHUNK, chunksOf, groupPart, hostPart, META, targetPart, waitingPart } from './part-names.ts'
import type { Touched } from './touched.ts'

export class TouchedParts implements Touched {
  private names: Set<string> = new Set()

  /** The meta part always: it holds the offset. */
  take(): Set<string> {
    const taken = this.names.add(META)
    this.names = new Set()
    return taken
  }

  group(group: GroupKey): void {
    this.names.add(groupPart(group))
  }

  target(target: TargetKey): void {
    this.names.add(targetPart(target))
  }

  host(host: HostKey): void {
    this.names.add(hostPart(host))
  }

  waiting(slice: number, at: number): void {
    this.names.add(waitingPart(slice, Math.floor(at / CHUNK)))
  }

  folded(slice: number, held: number): void {
    for (let chunk = 0; chunk < chunksOf(held); chunk++) this.names.add(waitingPart(slice, chunk))
  }
}
