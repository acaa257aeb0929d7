/** Plans in memory. They are lost with the process: an incident that was mailed is then mailed again when it rises. */
import type { MailPlan, PlanStore } from '../../tell/index.ts'

export class MemoryPlanStore implements PlanStore {
  readonly #plans = new Map<string, MailPlan>()

  async load(channel: string): Promise<MailPlan | undefined> {
    return this.#plans.get(channel)
  }

  async save(channel: string, plan: MailPlan): Promise<void> {
    this.#plans.set(channel, plan)
  }
}
