import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bytesOf } from '../src/analyze/file-form.ts'
import type { ReportDocument } from '../src/report/document.ts'
import { Folder, logLine, picket, scan } from './picket.ts'

const folder = new Folder()
after(() => folder.remove())

async function analyze(args: readonly string[], input: string | Buffer = ''): Promise<ReportDocument> {
  const { status, stdout, stderr } = await picket(['analyze', '--json', ...args], input)
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as ReportDocument
}

test('a scan in a file is one incident with its ports, hosts, times and reasons', async () => {
  const file = folder.file('scan.log', scan(120))
  const { lines, packets, unparsed, incidents, top, protocols, files } = await analyze([file])
  assert.deepEqual([lines, packets, unparsed, incidents.length], [120, 120, 0, 1])
  const [incident] = incidents
  assert.equal(incident?.source, '203.0.113.9')
  assert.deepEqual(incident?.ports, { tcp: '1-120' })
  assert.deepEqual(incident?.hosts, ['10.0.0.5'])
  assert.equal(incident?.level, 3)
  assert.match(incident?.firstSeen ?? '', /-11-23T15:00:00\.000Z$/)
  assert.match(incident?.lastSeen ?? '', /-11-23T15:01:59\.000Z$/)
  assert.ok((incident?.reasons.length ?? 0) > 0)
  assert.deepEqual(top.sources, [{ source: '203.0.113.9', packets: 120, level: 3 }])
  assert.deepEqual(protocols, { tcp: 120 })
  assert.deepEqual(files, [{ name: file, lines: 120, packets: 120 }])
})

test('the document has exactly the promised fields, in camel case', async () => {
  const report = await analyze(['-'], scan(5))
  for (const name of [
    'lines',
    'packets',
    'unparsed',
    'ignored',
    'from',
    'to',
    'incidents',
    'observed',
    'top',
    'protocols',
  ]) {
    assert.ok(name in report, name)
  }
  assert.deepEqual(Object.keys(report.top), ['sources', 'ports', 'signatures', 'prefixes'])
  assert.deepEqual(Object.keys(report.incidents[0] ?? {}).sort(), [
    'attack',
    'bannable',
    'contacts',
    'firstSeen',
    'hostCount',
    'hosts',
    'id',
    'kinds',
    'lastSeen',
    'level',
    'members',
    'os',
    'packets',
    'portCount',
    'ports',
    'prefix',
    'protocols',
    'reasons',
    'reporters',
    'score',
    'signatures',
    'source',
    'target',
    'techniques',
    'tool',
  ])
})

test('standard input and a file give the same incidents', async () => {
  const file = folder.file('same.log', scan(30))
  const ofFile = await analyze([file])
  const ofPipe = await analyze(['-'], scan(30))
  assert.deepEqual(ofPipe.incidents, ofFile.incidents)
})

test('gzip is told by its content, not by its name', async () => {
  const packed = folder.file('rotated', gzipSync(scan(30)))
  assert.equal((await analyze([packed])).packets, 30)
  assert.equal((await analyze(['-'], gzipSync(scan(30)))).packets, 30)
})

test('members of one gzip file are read one after the other', async () => {
  const packed = folder.file(
    'members.gz',
    Buffer.concat([gzipSync(scan(30)), gzipSync(scan(10))].map(bytesOf)),
  )
  assert.equal((await analyze([packed])).lines, 40)
})

test('a gzip file that is cut off gives what stands before the cut, and says so', async () => {
  const whole = gzipSync(scan(3000), { level: 0 })
  const cut = folder.file('cut.gz', whole.subarray(0, whole.length - 20_000))
  const report = await analyze([cut])
  assert.ok(report.lines > 2000 && report.lines < 3000, String(report.lines))
  assert.match(report.files[0]?.fault ?? '', /gzip data is damaged or cut off/)
})

test('a file of another form is refused with the command that unpacks it', async () => {
  const packed = folder.file('kern.log.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]))
  const { status, stderr } = await picket(['analyze', packed])
  assert.equal(status, 2)
  assert.match(stderr, /xz -dc .*kern\.log\.xz \| picket analyze -/)
})

test('several files are judged in event time, whatever their order on the command line', async () => {
  const early = Array.from({ length: 40 }, (_, n) =>
    logLine({ at: `15:00:${String(n).padStart(2, '0')}`, port: n + 1 }),
  )
  const [odd, even] = [early.filter((_, n) => n % 2 === 1), early.filter((_, n) => n % 2 === 0)]
  const one = await analyze([folder.file('one.log', early.join(''))])
  const files = [folder.file('odd.log', odd.join('')), folder.file('even.log', even.join(''))]
  const merged = await analyze(files)
  const { id: _, ...expected } = one.incidents[0] ?? { id: '' }
  const { id: __, ...found } = merged.incidents[0] ?? { id: '' }
  assert.deepEqual(found, expected)
  assert.deepEqual(merged.timeline, one.timeline)
  assert.deepEqual(
    merged.files.map(({ packets }) => packets),
    [20, 20],
  )
})

test('a packet that two rules logged counts once', async () => {
  const twice =
    logLine({ at: '15:00:00', port: 22, prefix: '[UFW AUDIT] ' }) +
    logLine({ at: '15:00:00', port: 22, prefix: '[UFW BLOCK] ' })
  const report = await analyze(['-'], twice + twice)
  assert.equal(report.lines, 4)
  assert.equal(report.packets + report.repeats, 4)
  assert.ok(report.repeats >= 2)
})

test('allowed sources, ignored ports and assignments change who is reported', async () => {
  const file = folder.file('rules.log', scan(30) + scan(30, '198.51.100.7'))
  const autoDl = folder.file('auto_dl', '198.51.100.0/24 5 tcp;\n203.0.113.9 0;\n')
  const sources = (report: ReportDocument): string[] =>
    report.incidents.map(({ source, level }) => `${source} ${level}`)
  assert.deepEqual(sources(await analyze([file])), ['198.51.100.7 2', '203.0.113.9 2'])
  assert.deepEqual(sources(await analyze([file, '--allow', '203.0.113.0/24'])), ['198.51.100.7 2'])
  assert.deepEqual(sources(await analyze([file, '--ignore', 'tcp/1-1024'])), [])
  assert.deepEqual(sources(await analyze([file, '--ignore', 'eth0'])), [])
  assert.deepEqual(sources(await analyze([file, '--ignore', 'prefix:^DROP'])), [])
  assert.deepEqual(sources(await analyze([file, '--assign', autoDl])), ['198.51.100.7 5'])
  assert.equal((await analyze([file, '--ignore', 'tcp'])).ignored, 60)
})

test('a filter leaves packets out before they are judged', async () => {
  const file = folder.file('filter.log', scan(100) + scan(30, '198.51.100.7'))
  const year = (await analyze([file])).from?.slice(0, 4)
  const early = await analyze([file, '--to', `${year}-11-23T15:00:30Z`])
  assert.deepEqual([early.packets, early.leftOut], [60, 70])
  const late = await analyze([file, '--from', `${year}-11-23T16:00:30+01:00`])
  assert.equal(late.packets, 70)
  const one = await analyze([file, '--source', '198.51.100.0/24'])
  assert.deepEqual(
    one.incidents.map(({ source }) => source),
    ['198.51.100.7'],
  )
})

test('stamps without a zone are read in the zone of --tz', async () => {
  const report = await analyze(['-', '--tz', 'Europe/Berlin'], scan(5))
  assert.match(report.from ?? '', /T14:00:00\.000Z$/)
})

test('policy psad counts packets as psad does', async () => {
  const report = await analyze(['-', '--policy', 'psad'], scan(14))
  assert.deepEqual([report.policy, report.incidents[0]?.level], ['psad', 1])
})

test('a policy file brings its thresholds and its rules', async () => {
  const strict = folder.file(
    'strict.yaml',
    'policy: {name: psad, DANGER_LEVEL1: 2, DANGER_LEVEL2: 4}\nrules: {allow: [198.51.100.7]}\n',
  )
  const report = await analyze(['-', '--policy', strict], scan(4) + scan(4, '198.51.100.7'))
  assert.deepEqual(
    report.incidents.map(({ source, level }) => [source, level]),
    [['203.0.113.9', 2]],
  )
})

test('two threads find what one finds', async () => {
  const file = folder.file('threads.log', scan(900) + scan(300, '198.51.100.7'))
  const [one, two] = [await analyze([file]), await analyze([file, '--threads', '2'])]
  assert.deepEqual(two, one)
})

test('lines of other programs are counted apart from lines that cannot be read', async () => {
  const noise = 'Nov 23 15:00:00 web1 sshd[1]: Connection closed\n'
  const report = await analyze(['-'], scan(3) + noise + scan(1).slice(0, 120))
  assert.equal(report.unparsedReasons['not-firewall'], 1)
  assert.equal(report.unparsed, 2)
  assert.equal(report.lines, 5)
})

test('--fail-on-alert makes findings the exit status', async () => {
  assert.equal((await picket(['analyze', '-', '--fail-on-alert'], scan(30))).status, 1)
  assert.equal((await picket(['analyze', '-', '--fail-on-alert'], scan(1))).status, 0)
})

test('the text report in a pipe is plain, and coloured when forced', async () => {
  const plain = await picket(['analyze', '-'], scan(30))
  const coloured = await picket(['analyze', '-'], scan(30), { FORCE_COLOR: '1' })
  const escapeCharacter = String.fromCharCode(27)
  assert.ok(!plain.stdout.includes(escapeCharacter))
  assert.ok(coloured.stdout.includes(escapeCharacter))
  assert.match(plain.stdout, /■■··· 2 {2}203\.0\.113\.9 {2}vertical scan/)
})

test('a hostile prefix cannot write to the terminal', async () => {
  const hostile = scan(30).replaceAll('DROP ', `${String.fromCharCode(27)}]0;owned\u0007 `)
  const { stdout } = await picket(['analyze', '-'], hostile)
  assert.doesNotMatch(stdout.replaceAll('\n', ''), /\p{Cc}/u)
  assert.match(stdout, /\\x1b\]0;owned\\x07/)
})

test('a line without a time takes that of the line before it, and of the file where there is none', async () => {
  const bare = scan(3).replaceAll(/^Nov.*\] /gm, '')
  const file = folder.file('bare.log', bare)
  utimesSync(file, new Date('2026-05-01T12:00:00Z'), new Date('2026-05-01T12:00:00Z'))
  assert.deepEqual((await analyze([file])).to, '2026-05-01T12:00:00.000Z')
  const mixed = folder.file('mixed.log', scan(2) + bare)
  const { from, to } = await analyze([mixed])
  assert.deepEqual([from?.slice(10), to?.slice(10)], ['T15:00:00.000Z', 'T15:00:01.000Z'])
})

test('a line whose time no calendar has does not end the analysis', async () => {
  const far = scan(1).replace(/^.*kernel: \[.*?\] /, '4,1,99999999999999999999,-;')
  const file = folder.file('far.log', scan(2) + far)
  const report = await analyze([file, '--boot', '2026-11-23T00:00:00Z'])
  assert.equal(report.packets, 3)
  assert.match(report.to ?? '', /-11-23T15:00:01\.000Z$/)
})

/** Sources of one network that share the ports of one host, three each, and a scanner beside them. */
function distributedScan(sources: number): string {
  const shared = Array.from({ length: sources * 3 }, (_, i) =>
    logLine({ source: `198.51.100.${11 + Math.floor(i / 3)}`, port: 1000 + i, at: '14:00:00' }),
  )
  return `${shared.join('')}${scan(30)}`
}

test('sources that share a scan are one incident, and not listed beside it; others are', async () => {
  const { incidents, top } = await analyze(['-', '--top', '40'], distributedScan(20))
  assert.deepEqual(
    incidents.map(({ source, prefix, target, members, level }) => [
      source ?? prefix,
      target,
      members.length,
      level,
    ]),
    [
      ['203.0.113.9', null, 0, 2],
      ['198.51.100.0/24', '10.0.0.5', 20, 2],
    ],
  )
  assert.equal(top.sources.filter(({ level }) => level === 2).length, 21)
})

test('policy psad knows single sources only', async () => {
  const { incidents } = await analyze(['-', '--policy', 'psad'], distributedScan(20))
  assert.ok(incidents.every(({ source }) => source !== null))
})

test('explain says of a source what it is part of', async () => {
  const file = folder.file('distributed.log', distributedScan(20))
  const { stdout } = await picket(['explain', '198.51.100.13', file])
  assert.match(
    stdout,
    /part of a distributed scan of 198\.51\.100\.0\/24 on 10\.0\.0\.5, level 2, with 19 other sources/,
  )
  assert.doesNotMatch((await picket(['explain', '203.0.113.9', file])).stdout, /part of/)
})
