import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { askControl, type ControlError, serveControl } from '../src/index.ts'

const path = (): string => join(mkdtempSync(join(tmpdir(), 'picket-control-')), 'control.sock')

test('a question over the socket gets its answer, also a large one', async () => {
  const at = path()
  const server = await serveControl(at, ({ command }) => ({ command, text: 'x'.repeat(3_000_000) }))
  const answer = (await askControl(at, { command: 'status' })) as { command: string; text: string }
  assert.equal(answer.command, 'status')
  assert.equal(answer.text.length, 3_000_000)
  await server.close()
})

test('the socket is its owner’s alone, and one left over from a kill is no hindrance', async () => {
  const at = path()
  writeFileSync(at, '')
  const server = await serveControl(at, () => 'well')
  assert.equal(statSync(at).mode & 0o777, 0o600)
  assert.equal(await askControl(at, { command: 'x' }), 'well')
  await server.close()
})

test('what the handler throws is told to the one who asks', async () => {
  const at = path()
  const server = await serveControl(at, () => {
    throw new Error('unknown command')
  })
  await assert.rejects(askControl(at, { command: 'x' }), (error: ControlError) => {
    assert.deepEqual([error.reason, error.message], ['refused', 'unknown command'])
    return true
  })
  await server.close()
})

test('a command that is no text is refused, whatever it would do where it is read as text', async () => {
  const at = path()
  const server = await serveControl(at, ({ command }) => `${command}`)
  const command = { toString: 1, valueOf: 1 } as unknown as string
  await assert.rejects(askControl(at, { command }), /this is no request/)
  assert.equal(await askControl(at, { command: 'status' }), 'status')
  await server.close()
})

test('an answer that takes its time comes, and so does a late refusal', async () => {
  const at = path()
  const server = await serveControl(at, async ({ command }) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (command === 'refuse') throw new Error('not now')
    return { command }
  })
  const [answer, refusal] = await Promise.allSettled([
    askControl(at, { command: 'status' }),
    askControl(at, { command: 'refuse' }),
  ])
  assert.deepEqual(answer, { status: 'fulfilled', value: { command: 'status' } })
  assert.equal(refusal.status === 'rejected' && (refusal.reason as Error).message, 'not now')
  await server.close()
})

test('nobody at the socket is told apart from a broken answer', async () => {
  await assert.rejects(
    askControl(path(), { command: 'x' }),
    (error: ControlError) => error.reason === 'absent',
  )
})

test('nonsense, another protocol and a request without end do not stop the server', async () => {
  const at = path()
  const server = await serveControl(at, () => 'well')
  for (const text of ['nonsense\n', '{"protocol":99,"command":"status"}\n', 'x'.repeat(100_000)]) {
    const socket = createConnection(at)
    socket.on('error', () => {})
    socket.resume().write(text)
    await once(socket, 'close')
  }
  assert.equal(await askControl(at, { command: 'x' }), 'well')
  await server.close()
})
