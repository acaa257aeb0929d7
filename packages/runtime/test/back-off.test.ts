import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pause, withBackoff, within } from '../src/back-off.ts'

class Passing extends Error {
  readonly retryable = true
}

test('what passes by is tried again until it works', async () => {
  let tries = 0
  const told: number[] = []
  const attempt = async () => {
    tries++
    if (tries < 4) throw new Passing('not yet')
    return 'done'
  }
  const onWait = (_: Error, count: number) => told.push(count)
  assert.equal(await withBackoff(attempt, { onWait }), 'done')
  assert.deepEqual(told, [1, 2, 3])
})

test('what will not pass by is thrown at once', async () => {
  let tries = 0
  const attempt = async () => {
    tries++
    throw new Error('never')
  }
  await assert.rejects(withBackoff(attempt), /never/)
  assert.equal(tries, 1)
})

test('waiting ends when nobody wants the answer any more', async () => {
  const abort = new AbortController()
  const attempt = async () => {
    throw new Passing('not yet')
  }
  const waiting = withBackoff(attempt, { signal: abort.signal, onWait: () => abort.abort() })
  await assert.rejects(waiting, Passing)
})

test('a pause that is not wanted any more does not begin', async () => {
  await pause(60_000, AbortSignal.abort())
})

test('waiting within a time ends with the work, however it ends, or with the time', async () => {
  await within(60_000, Promise.resolve())
  await within(60_000, undefined)
  await assert.rejects(within(60_000, Promise.reject(new Error('no'))), /no/)
  await within(1, new Promise(() => undefined))
})
