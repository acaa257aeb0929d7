import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from '../src/loading.ts'

test('a module that is loaded at once is the one that import() gives', async () => {
  const module = new URL('../src/version.js', import.meta.url)
  assert.equal(await load(module), await import(module.href))
})

test('a module that is missing is a rejection that names it', async () => {
  await assert.rejects(load(new URL('../src/no-such.js', import.meta.url)), /no-such\.js/)
})
