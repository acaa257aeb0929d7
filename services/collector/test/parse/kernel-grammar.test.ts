/** Forms of the kernel's grammar (nf_log_syslog.c) that the lab's captures do not hold. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BODY, Reader } from './reading.ts'

const V4 = 'IN=eth0 OUT= SRC=198.51.100.9 DST=10.77.0.17 LEN=44 TOS=0x00 PREC=0x00 TTL=48 ID=7 '
const V6 =
  'IN=eth0 OUT= SRC=2001:0db8:0000:0000:0000:0000:0000:0009 DST=fd77:0000:0000:0000:0000:0000:0000:0017 LEN=64 TC=0 HOPLIMIT=254 FLOWLBL=0 '

describe('the body of a line', () => {
  const reader = new Reader()
  const read = (body: string) => reader.read(`X ${body}`)
  const outcome = (body: string) => reader.outcome(`X ${body}`)

  test('of a tagged frame names its VLAN', () => {
    const json = read(
      `IN=eth0 OUT= MACSRC=92:94:a4:2c:b8:dd MACDST=ca:55:ef:21:3c:e3 VPROTO=8100 VID=42 MACPROTO=0800 ${V4.slice(13)}PROTO=2 `,
    )
    assert.equal(json.vlanProto, 0x8100)
    assert.equal(json.vlanId, 42)
    assert.equal(json.mac, 'ca:55:ef:21:3c:e3:92:94:a4:2c:b8:dd:08:00')
  })

  test('with an empty, a short or a tunnel hardware address is read', () => {
    for (const mac of ['MAC= ', 'MAC=00:11:22 ', 'MAC=45:00:00:14 TUNNEL=192.0.2.1->192.0.2.2 ']) {
      assert.equal(read(`IN=tun0 OUT= ${mac}${V4.slice(13)}PROTO=2 `).src, '198.51.100.9')
    }
  })

  test('of a bridge before Linux 2.6.15 has PHYSIN= between IN= and OUT=', () => {
    const json = read(`IN=br0 PHYSIN=eth0 OUT=br1 PHYSOUT=eth1 ${V4.slice(13)}PROTO=2 `)
    assert.deepEqual(
      [json.prefix, json.in, json.out, json.physIn, json.physOut],
      ['X ', 'br0', 'br1', 'eth0', 'eth1'],
    )
  })

  test('tells frames to many by the group bit, in both forms', () => {
    const toMany = (link: string) => {
      read(`IN=eth0 OUT= ${link} ${V4.slice(13)}PROTO=2 `)
      return reader.packet.toMany
    }
    assert.equal(toMany('MAC=01:00:5e:00:00:01:5a:c1:27:13:41:fe:08:00'), true)
    assert.equal(toMany('MACSRC=5a:c1:27:13:41:fe MACDST=ff:ff:ff:ff:ff:ff MACPROTO=0800'), true)
    assert.equal(toMany('MACSRC=01:c1:27:13:41:fe MACDST=ca:ff:ff:ff:ff:ff MACPROTO=0800'), false)
  })

  test('of a frame that is not IP is no fault', () => {
    assert.equal(
      outcome('IN=eth0 OUT= MACSRC=92:94:a4:2c:b8:dd MACDST=ca:55:ef:21:3c:e3 MACPROTO=88cc '),
      'not-ip',
    )
    assert.equal(outcome('IN=eth0 OUT= MAC=ca:55:ef:21:3c:e3:92:94:a4:2c:b8:dd:88:cc '), 'not-ip')
    assert.equal(outcome('IN=eth0 OUT= ARP HTYPE=1 PTYPE=0x0800 OPCODE=1'), 'not-ip')
  })

  test('may have the accurate-ECN bit and truncated options', () => {
    const json = read(`${V4}PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 AE CWR SYN URGP=0 OPT (TRUNCATED)`)
    assert.deepEqual(json.flags, ['CWR', 'SYN'])
    assert.equal(json.tcpOptions, undefined)
  })

  test('of a NULL packet has flags, and they are none', () => {
    assert.deepEqual(read(`${V4}PROTO=TCP SPT=1 DPT=2 SEQ=5 ACK=0 WINDOW=3 RES=0x00 URGP=0 `).flags, [])
  })

  test('has flags between WINDOW= and URGP= only', () => {
    assert.deepEqual(read(`${V4}PROTO=TCP SPT=1 DPT=2 SYN WINDOW=3 RES=0x00 FIN URGP=0 RST `).flags, ['FIN'])
  })

  test('shows what stands behind a word OPT that opens no bracket', () => {
    const tcp = `${V4}PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 SYN URGP=0 OPT `
    assert.equal(outcome(`${tcp}DST=6.6.6.6 `), 'duplicate-field')
    assert.equal(outcome(`${V4}OPT DST=6.6.6.6 PROTO=2 `), 'duplicate-field')
  })

  test('knows ACK= from the flag ACK', () => {
    const json = read(
      `${V4}PROTO=TCP SPT=1 DPT=2 SEQ=4294967295 ACK=4294967295 WINDOW=3 RES=0x00 ACK URGP=0 `,
    )
    assert.deepEqual([json.seq, json.ack, json.flags], [4294967295, 4294967295, ['ACK']])
  })

  test('keeps IP options and TCP options apart', () => {
    const json = read(
      `${V4}OPT (94040000) PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 SYN URGP=0 OPT (020405B4) `,
    )
    assert.deepEqual(json.ipOptionList, [{ kind: 'router-alert', value: 0 }])
    assert.deepEqual(json.tcpOptionList, [{ kind: 'mss', value: 1460 }])
  })

  test('of IPv6 names its extension headers, also without their options', () => {
    const hopByHop = read(`${V6}OPT ( ) OPT ( FRAG:8 ID:0000002a ) OPT ( AH SPI=0x9 ) PROTO=TCP `)
    assert.deepEqual(hopByHop.extensions, ['', 'FRAG:8 ID:0000002a', 'AH SPI=0x9'])
    assert.deepEqual([hopByHop.fragmentOffset, hopByHop.fragmentId, hopByHop.spi], [8, 42, 9])
    const bare = read(`${V6}FRAG:0 INCOMPLETE ID:0000002a PROTO=UDP SPT=1 DPT=2 LEN=9 `)
    assert.deepEqual([bare.fragmentId, bare.mf, bare.dpt], [42, true, 2])
  })

  test('of IPv6 may end behind a header that hides what follows', () => {
    assert.equal(read(`${V6}OPT ( ESP SPI=0x1234 )`).proto, 50)
    assert.equal(read(`${V6}OPT ( ESP INCOMPLETE [4 bytes] )`).proto, 50)
    assert.equal(read(`${V6}OPT ( AH INCOMPLETE [4 bytes] )`).proto, 51)
    assert.equal(outcome(`${V6}OPT ( AH SPI=0x1 )`), 'cut')
    assert.equal(outcome(`${V6}OPT ( FRAG:8 ID:0000002a ) OPT ( )`), 'no-protocol')
  })

  test('of a later fragment of AH has no protocol', () => {
    assert.equal(outcome(`${V4}FRAG:185 `), 'no-protocol')
    assert.equal(outcome(`${V4}FRAG:185 MARK=0x1 `), 'no-protocol')
  })

  test('of a protocol that the kernel knows under the other family only is a number', () => {
    assert.equal(read(`${V4}PROTO=58 `).proto, 58)
    assert.equal(read(`${V6}PROTO=1 `).proto, 1)
  })

  test('of an ICMP error holds our own packet in the bracket, and never its address outside', () => {
    const inner =
      'SRC=10.77.0.17 DST=192.0.2.9 LEN=40 TOS=0x00 PREC=0x00 TTL=1 ID=77 PROTO=TCP INCOMPLETE [8 bytes] '
    const json = read(`${V4}PROTO=ICMP TYPE=5 CODE=1 GATEWAY=10.77.0.9 [${inner}] MARK=0x2a `)
    assert.deepEqual(
      [json.src, json.dst, json.gateway, json.mark],
      ['198.51.100.9', '10.77.0.17', '10.77.0.9', 42],
    )
    assert.deepEqual(
      [json.inner?.src, json.inner?.incompleteBytes, json.incomplete],
      ['10.77.0.17', 8, undefined],
    )
  })

  test('of an ICMP error about a header that could not be read has no inner packet', () => {
    const json = read(`${V4}PROTO=ICMP TYPE=3 CODE=1 [TRUNCATED] `)
    assert.deepEqual([json.icmpCode, json.inner], [1, undefined])
  })

  test('of an ICMPv6 parameter problem has its pointer', () => {
    const inner = `SRC=${V6.slice(17, 56)} DST=${V6.slice(17, 56)} LEN=64 TC=0 HOPLIMIT=1 FLOWLBL=0 PROTO=59 `
    assert.equal(read(`${V6}PROTO=ICMPv6 TYPE=4 CODE=1 POINTER=00000028 [${inner}] `).parameter, 40)
  })

  test('may name addresses that nobody has', () => {
    assert.equal(read(BODY.replace('198.51.100.9', '0.0.0.0')).src, '0.0.0.0')
    assert.equal(read(`${V6.replace(/SRC=\S+/, 'SRC=::')}PROTO=59 `).src, '::')
  })

  test('with an IPv4-mapped address is IPv4', () => {
    const json = read(
      `${V6.replace(/SRC=\S+/, 'SRC=::ffff:192.0.2.1').replace(/DST=\S+/, 'DST=::ffff:c000:202')}PROTO=59 `,
    )
    assert.deepEqual([json.src, json.dst], ['192.0.2.1', '192.0.2.2'])
  })
})
