/**
 * A Redis store as the tests open it, and what it said meanwhile.
 */
import {
  DEFAULT_REDIS,
  openStore,
  type PartitionStore,
  type RedisSettings,
  type StoreLog,
} from '@picket/runtime'

export interface OpenedStore {
  readonly store: PartitionStore
  /** Messages of the log, each behind its level. */
  readonly said: readonly string[]
}

export async function openedStore(settings: Partial<RedisSettings>): Promise<OpenedStore> {
  const said: string[] = []
  const note =
    (level: string) =>
    (...words: readonly unknown[]) =>
      void said.push(`${level}: ${words.at(-1)}`)
  const log = { info: note('info'), warn: note('warn'), error: note('error') } as StoreLog
  return { store: await openStore({ ...DEFAULT_REDIS, ...settings }, log), said }
}
