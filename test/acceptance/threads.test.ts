/** `--threads 2` must be faster and nothing else: the report is the same byte for byte. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { picket } from '../picket.ts'
import { TRACES } from '../places.ts'

async function assertSame(name: string, content: Uint8Array | string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-threads-'))
  try {
    writeFileSync(join(folder, name), content)
    const [one, two] = await Promise.all(
      ['1', '2'].map((threads) => picket(['analyze', '--json', '--threads', threads, name], { folder })),
    )
    assert.equal(one?.status, 0, one?.stderr)
    assert.equal(two?.stdout, one?.stdout)
    assert.ok((JSON.parse(one?.stdout ?? '') as { packets: number }).packets > 1000)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function traces(...names: readonly string[]): string {
  return names.map((name) => readFileSync(join(TRACES, name), 'utf8')).join('')
}

/** Several chunks of 1 MiB, with every kind of line. */
function manyLines(): string {
  const some = traces('nmap-syn-1000.log', 'nmap-window.log', 'nflog-syn.json', 'shorts-and-protocols.log')
  const odd = [
    'no firewall line',
    'x'.repeat(200_000),
    'Nov 23 16:00:00 host1 last message repeated 3 times',
    '\0\0',
    '',
  ]
  return Array.from({ length: 4 }, (_, i) => `${some}${odd[i % odd.length]}\n`).join(odd.join('\n'))
}

test('two threads say what one says of a file of several chunks, odd lines among them', async () => {
  await assertSame('many.log', manyLines())
})

test('two threads say what one says of a gzip file', async () => {
  await assertSame('many.log.1', new Uint8Array(gzipSync(manyLines())))
})

test('two threads say what one says of a file without a last line end', async () => {
  await assertSame('cut.log', manyLines().trimEnd())
})

test('two threads say what one says of lines that end in CR LF', async () => {
  await assertSame('crlf.log', traces('nmap-syn-1000.log').replaceAll('\n', '\r\n'))
})
