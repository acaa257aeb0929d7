/**
 * FewOf: a set that only has to know whether it holds at least so many; further members are not kept.
 *
 * Whether it is full depends on the set of what was added, never on the order.
 */
export class FewOf {
  private readonly limit: number
  private readonly members: number[]

  constructor(limit: number, members: number[] = []) {
    this.limit = limit
    this.members = members
  }

  /** Members counted up to the limit. */
  get size(): number {
    return this.members.length
  }

  isFull(): boolean {
    return this.members.length >= this.limit
  }

  /** True when it grew. */
  add(member: number): boolean {
    if (this.isFull() || this.members.includes(member)) return false
    this.members.push(member)
    return true
  }

  pack(): unknown {
    return [...this.members]
  }

  static unpack(limit: number, packed: unknown): FewOf {
    return new FewOf(limit, [...(packed as number[])])
  }
}
