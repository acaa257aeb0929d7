import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { alertLine } from '../src/index.ts'
import { RemoteSyslogSink, StdoutSink, SyslogSink } from '../src/main.ts'
import { alertOf } from './alerts.ts'

const WORDING = alertLine

test('standard output has an alert as told when its reader has taken it, and not before', async () => {
  const stream = new PassThrough({ highWaterMark: 16 })
  const sink = new StdoutSink(stream, WORDING, () => {})
  const told: number[] = []
  const all = [1, 2, 3].map((n) => sink.tell(alertOf({ packets: n })).then(() => told.push(n)))
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok(told.length < 3, 'nobody reads yet')
  stream.resume()
  await Promise.all(all)
  assert.deepEqual(told, [1, 2, 3])
})

test('a reader that has gone is told to the owner, and the alert is refused', async () => {
  const stream = new PassThrough()
  let gone: Error | undefined
  const sink = new StdoutSink(stream, WORDING, (error) => {
    gone = error
  })
  stream.destroy(new Error('EPIPE'))
  await assert.rejects(sink.tell(alertOf({})))
  assert.match(String(gone), /EPIPE/)
})

test('logger gets each alert as a line, through one process that is kept', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'picket-sink-')), 'lines')
  const sink = new SyslogSink(WORDING, ['sh', '-c', `echo "pid $$" >> ${file}; cat >> ${file}`])
  await sink.tell(alertOf({ packets: 1 }))
  await sink.tell(alertOf({ packets: 2 }))
  await sink.close()
  const [pid, ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  assert.match(pid ?? '', /^pid \d+$/)
  assert.deepEqual(lines, [WORDING(alertOf({ packets: 1 })), WORDING(alertOf({ packets: 2 }))])
})

test('a machine without logger refuses alerts with words, and ends nothing', async () => {
  const sink = new SyslogSink(WORDING, ['/nonexistent/logger'])
  await assert.rejects(sink.tell(alertOf({})), /logger/)
  await assert.rejects(sink.tell(alertOf({})), /logger does not run/)
  await sink.close()
})

test('a syslog server gets an alert as a datagram in the form of RFC 5424', async () => {
  const server = createSocket('udp4')
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const sink = new RemoteSyslogSink(
    { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    WORDING,
  )
  const received = once(server, 'message')
  await sink.tell(alertOf({}))
  const [message] = (await received) as [Buffer]
  assert.match(
    message.toString(),
    /^<189>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ picket \d+ alert - 2026-11-23 15:32:08Z level 3 203\.0\.113\.9 /,
  )
  await sink.close()
  server.close()
})
