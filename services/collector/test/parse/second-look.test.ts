/** What a stranger's second look at the parser found: each of these was once wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describePacket } from '../../src/index.ts'
import { Reader } from './reading.ts'

const PACKET = 'IN=eth0 OUT= SRC=203.0.113.9 DST=10.0.0.5 LEN=28 TTL=50 ID=7 PROTO=UDP SPT=9 DPT=53 LEN=8 '

test('a repeated message is repeated only by the machine that wrote it', () => {
  const reader = new Reader()
  assert.equal(reader.outcome(`Nov 22 10:00:00 web1 kernel: DROP ${PACKET}`), 'packet')
  assert.equal(reader.outcome('Nov 22 10:00:01 web2 last message repeated 7 times'), 'not-firewall')
  assert.equal(reader.outcome(`Nov 22 10:00:02 web1 kernel: DROP ${PACKET}`), 'packet')
  assert.equal(reader.outcome('Nov 22 10:00:03 web1 last message repeated 7 times'), 'packet')
  assert.equal(reader.packet.count, 7)
})

test('a record of ulogd is whole, whatever it leaves out', () => {
  const reader = new Reader()
  const common = '"oob.hook":1,"oob.in":"eth0","oob.family":2,"src_ip":"203.0.113.9","dest_ip":"10.0.0.5"'
  assert.equal(reader.outcome(`{${common},"ip.protocol":17,"src_port":9,"dest_port":53}`), 'packet')
  assert.equal(reader.packet.dpt, 53)
  assert.equal(reader.outcome(`{${common},"ip.protocol":1,"icmp.type":8,"icmp.code":0}`), 'packet')
  assert.equal(describePacket(reader.packet).icmpType, 8)
})

test('a line that is cut is still cut after a record', () => {
  const reader = new Reader()
  assert.equal(
    reader.outcome('{"oob.hook":1,"oob.in":"eth0","src_ip":"1.2.3.4","dest_ip":"1.2.3.5","ip.protocol":47}'),
    'packet',
  )
  assert.equal(
    reader.outcome('IN=eth0 OUT= SRC=203.0.113.9 DST=10.0.0.5 LEN=28 TTL=50 ID=7 PROTO=UDP SPT=9 DPT=53'),
    'cut',
  )
})

test('a journal’s time beyond the year 9999 is refused', () => {
  const reader = new Reader()
  const record = { _TRANSPORT: 'kernel', MESSAGE: `DROP ${PACKET}` }
  assert.equal(
    reader.outcome(JSON.stringify({ ...record, __REALTIME_TIMESTAMP: '1795448738705024' })),
    'packet',
  )
  assert.equal(
    reader.outcome(JSON.stringify({ ...record, __REALTIME_TIMESTAMP: '99999999999999999999' })),
    'bad-time',
  )
})
