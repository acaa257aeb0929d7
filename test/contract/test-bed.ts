/**
 * What a test of the Redis store starts; all of it ends when the file's tests are done.
 */
import type { PartitionStore, RedisSettings } from '@picket/runtime'
import { type Redis, type RedisOptions, startRedis } from '../services/redis.ts'
import { type OpenedStore, openedStore } from './opened-store.ts'
import { TcpProxy } from './tcp-proxy.ts'

const ends: (() => Promise<void>)[] = []

export function endLater(end: () => Promise<void>): void {
  ends.push(end)
}

/** For `after`: what was started last ends first. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end()
}

export async function redisFor(options: RedisOptions = {}): Promise<Redis> {
  const redis = await startRedis(options)
  ends.push(() => redis.stop())
  return redis
}

export async function storeFor(settings: Partial<RedisSettings>): Promise<OpenedStore> {
  const opened = await openedStore(settings)
  ends.push(() => opened.store.close())
  return opened
}

export async function storeAt(port: number, settings: Partial<RedisSettings> = {}): Promise<PartitionStore> {
  return (await storeFor({ url: `redis://127.0.0.1:${port}`, ...settings })).store
}

export async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await TcpProxy.to(port)
  ends.push(() => proxy.stop())
  return proxy
}
