/**
 * openStore: the partition store that the settings name.
 *
 * ioredis is loaded only when it is called: commands that need no Redis must start fast. It comes back though Redis is away;
 * the store then says so by `reachable()` and refuses every call with a retryable StoreError until Redis is there.
 */
import type { PartitionStore } from './partition-store.ts'
import type { RedisSettings, StoreLog } from './redis-settings.ts'

export async function openStore(settings: RedisSettings, log: StoreLog): Promise<PartitionStore> {
  const { RedisStore } = await import('./redis/redis-store.ts')
  return RedisStore.open(settings, log)
}
