/**
 * AgentMarks: the last batch number of each agent, by which batches that come twice are known.
 *
 * A number that is not above the mark is a repeat, unless its message is the one that made the mark, or an earlier
 * one: then the log is being read again.
 */
export interface AgentMark {
  readonly name: string
  readonly number: number
  readonly offset: number
}

/** `gap`: numbers before it never came; it counts all the same. `reread`: it made the mark, or came before. */
export type Acceptance = 'new' | 'gap' | 'reread' | 'repeat'

export class AgentMarks {
  private readonly marks = new Map<string, AgentMark>()
  private changed = new Set<string>()

  constructor(marks: Iterable<AgentMark> = []) {
    for (const mark of marks) this.marks.set(mark.name, mark)
  }

  /** Takes in a batch. A first batch may have any number. */
  accept(name: string, number: number, offset: number): Acceptance {
    const before = this.marks.get(name)
    if (before !== undefined && offset <= before.offset) return 'reread'
    if (before !== undefined && number <= before.number) return 'repeat'
    this.marks.set(name, { name, number, offset })
    this.changed.add(name)
    return before === undefined || number === before.number + 1 ? 'new' : 'gap'
  }

  numberOf(name: string): number | undefined {
    return this.marks.get(name)?.number
  }

  /** Marks that changed since last taken. */
  take(): AgentMark[] {
    const taken = [...this.changed].map((name) => this.marks.get(name) as AgentMark)
    this.changed = new Set()
    return taken
  }
}
