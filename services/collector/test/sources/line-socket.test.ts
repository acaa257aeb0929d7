import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { LineSocketSource } from '../../src/adapters/line-socket.ts'
import { asText, eventually, freshFolder, numbered, quietEvents, Reading } from './reading.ts'

const listening = async (path: string): Promise<Reading> => {
  const reading = new Reading(new LineSocketSource({ name: 'ulogd', path }, quietEvents()))
  await reading.start()
  return reading
}

const connected = async (path: string): Promise<Socket> => {
  const socket = createConnection(path)
  await once(socket, 'connect')
  return socket
}

test('lines of a writer are delivered whole however they are cut, also the last without its end', async () => {
  const path = join(freshFolder(), 'ulogd.sock')
  const reading = await listening(path)
  assert.equal(reading.source.status().state, 'waiting')
  const writer = await connected(path)
  for (const piece of ['one\ntw', 'o\nthr', 'ee']) {
    writer.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  writer.end()
  assert.deepEqual(await reading.until(3), ['one', 'two', 'three'])
  await reading.source.stop()
})

test('a second writer after the first goes on in the same stream', async () => {
  const path = join(freshFolder(), 'ulogd.sock')
  const reading = await listening(path)
  for (let n = 0; n < 3; n++) {
    const writer = await connected(path)
    writer.end(asText(numbered(n * 10, n * 10 + 10)))
    await reading.until(n * 10 + 10)
  }
  const offsets = reading.lines.map(({ offset }) => offset)
  assert.deepEqual(
    offsets,
    [...offsets].sort((a, b) => a - b),
  )
  await reading.source.stop()
})

test('the socket may be written to by its group and by nobody else', async () => {
  const path = join(freshFolder(), 'ulogd.sock')
  const reading = await listening(path)
  assert.equal(statSync(path).mode & 0o777, 0o660)
  await reading.source.stop()
})

test('a writer that never ends its line cannot fill the memory', async () => {
  const path = join(freshFolder(), 'ulogd.sock')
  const reading = await listening(path)
  const writer = await connected(path)
  writer.write('x'.repeat(1_000_000))
  writer.write('\nnext\n')
  assert.deepEqual(await reading.until(1), ['next'])
  writer.destroy()
  await eventually(() => reading.source.status().state === 'waiting')
  await reading.source.stop()
})

test('a path in use, by a file or by a living process, is left alone and said', async () => {
  const folder = freshFolder()
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(listening(join(folder, 'file')), /is no socket/)
  const other = createServer().listen(join(folder, 'sock'))
  await once(other, 'listening')
  await assert.rejects(listening(join(folder, 'sock')), /in use by another process/)
  other.close()
})
