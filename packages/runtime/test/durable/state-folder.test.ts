import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { FolderLockedError, StateFolder } from '../../src/index.ts'

const fresh = (): string => mkdtempSync(join(tmpdir(), 'picket-state-'))
const record = (text: string): Uint8Array[] => [new TextEncoder().encode(text)]

/** What a next run finds: the snapshot and the records, and what was wrong. */
function reopened(path: string): { snapshot: unknown; records: string[]; faults: string[] } {
  const folder = StateFolder.open(path)
  const { snapshot, records, faults } = folder.recover()
  const texts = [...records].map((bytes) => new TextDecoder().decode(bytes))
  folder.close()
  return { snapshot, records: texts, faults }
}

async function begun(path: string, state: unknown = 's0'): Promise<StateFolder> {
  const folder = StateFolder.open(path)
  assert.deepEqual([...folder.recover().records], [])
  await folder.checkpoint(state)
  return folder
}

test('a state folder gives back its snapshot and every record that came after it, in order', async () => {
  const path = fresh()
  const folder = await begun(path, { positions: new Map([['a', 1]]) })
  folder.append(record('one'))
  folder.append([...record('tw'), ...record('o')])
  folder.close()
  const found = reopened(path)
  assert.deepEqual(found.snapshot, { positions: new Map([['a', 1]]) })
  assert.deepEqual(found.records, ['one', 'two'])
  assert.deepEqual(found.faults, [])
  rmSync(path, { recursive: true })
})

test('a record that was appended while a checkpoint is being written belongs behind that checkpoint', async () => {
  const path = fresh()
  const folder = await begun(path)
  folder.append(record('before'))
  const taken = folder.checkpoint('s1')
  folder.append(record('after'))
  await taken
  folder.close()
  assert.deepEqual(reopened(path), { snapshot: 's1', records: ['after'], faults: [] })
  rmSync(path, { recursive: true })
})

test('a folder whose new snapshot never got its name is its old snapshot and both journals', async () => {
  const path = fresh()
  const folder = await begun(path)
  folder.append(record('one'))
  await folder.checkpoint('s1')
  folder.append(record('two'))
  folder.close()
  rmSync(join(path, 'snapshot-00000001'))
  assert.deepEqual(reopened(path), { snapshot: 's0', records: ['one', 'two'], faults: [] })
  rmSync(path, { recursive: true })
})

test('a damaged snapshot falls back to the one before it with both journals, and says so', async () => {
  const path = fresh()
  const folder = await begun(path)
  folder.append(record('one'))
  await folder.checkpoint('s1')
  folder.append(record('two'))
  folder.close()
  const name = join(path, 'snapshot-00000001')
  const bytes = readFileSync(name)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
  writeFileSync(name, new Uint8Array(bytes))
  const found = reopened(path)
  assert.deepEqual([found.snapshot, found.records], ['s0', ['one', 'two']])
  assert.match(found.faults.join(), /snapshot-00000001 fails its checksum/)
  rmSync(path, { recursive: true })
})

test('a journal cut at any byte gives back exactly its whole records and can be gone on with', async () => {
  const source = fresh()
  const folder = await begun(source)
  const texts = ['one', 'two is longer', 'three']
  for (const text of texts) folder.append(record(text))
  folder.close()
  const journal = readFileSync(join(source, 'journal-00000000'))
  const snapshot = readFileSync(join(source, 'snapshot-00000000'))
  for (let cut = 0; cut <= journal.length; cut++) {
    const path = fresh()
    writeFileSync(join(path, 'snapshot-00000000'), new Uint8Array(snapshot))
    writeFileSync(join(path, 'journal-00000000'), new Uint8Array(journal.subarray(0, cut)))
    const found = reopened(path)
    assert.equal(found.snapshot, 's0')
    assert.deepEqual(found.records, texts.slice(0, found.records.length))
    assert.deepEqual(reopened(path).faults, [], `cut at ${cut}: the second look finds nothing left to cut`)
    rmSync(path, { recursive: true })
  }
  rmSync(source, { recursive: true })
})

test('a journal with any one byte flipped gives back only records that were written', async () => {
  const source = fresh()
  const folder = await begun(source)
  const texts = ['alpha', 'beta', 'gamma']
  for (const text of texts) folder.append(record(text))
  folder.close()
  const snapshot = readFileSync(join(source, 'snapshot-00000000'))
  const journal = readFileSync(join(source, 'journal-00000000'))
  fc.assert(
    fc.property(fc.nat(journal.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const path = fresh()
      writeFileSync(join(path, 'snapshot-00000000'), new Uint8Array(snapshot))
      const bent = new Uint8Array(journal)
      bent[at] = (bent[at] as number) ^ mask
      writeFileSync(join(path, 'journal-00000000'), bent)
      const { records } = reopened(path)
      assert.deepEqual(records, texts.slice(0, records.length))
      rmSync(path, { recursive: true })
    }),
  )
  rmSync(source, { recursive: true })
})

test('zeroes behind the last record, as a power cut leaves them, are no records', async () => {
  const path = fresh()
  const folder = await begun(path)
  folder.append(record('one'))
  folder.close()
  appendFileSync(join(path, 'journal-00000000'), new Uint8Array(4096))
  const found = reopened(path)
  assert.deepEqual(found.records, ['one'])
  assert.match(found.faults.join(), /4096 bytes behind the last whole record/)
  rmSync(path, { recursive: true })
})

test('two generations are kept and older ones removed', async () => {
  const path = fresh()
  const folder = await begun(path)
  for (let n = 1; n <= 5; n++) await folder.checkpoint(`s${n}`)
  folder.close()
  const names = readdirSync(path).sort()
  assert.deepEqual(names, ['journal-00000004', 'journal-00000005', 'snapshot-00000004', 'snapshot-00000005'])
  rmSync(path, { recursive: true })
})

test('a second process cannot open a folder in use, and a dead holder does not keep it', () => {
  const path = fresh()
  const folder = StateFolder.open(path)
  assert.throws(() => StateFolder.open(path), FolderLockedError)
  folder.close()
  writeFileSync(join(path, 'lock'), `${process.pid} 1 some-other-boot`)
  StateFolder.open(path).close()
  rmSync(path, { recursive: true })
})

test('behind a lost record nothing is kept until a whole snapshot is: the state is that before the loss', async (t) => {
  const disk = fresh()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    t.skip('NEEDS ROOT: no small file system can be mounted here')
    return
  }
  try {
    const path = join(disk, 'state')
    const folder = await begun(path)
    folder.append(record('kept'))
    assert.equal(folder.append([new Uint8Array(1_000_000)]), false)
    assert.equal((folder.broken as NodeJS.ErrnoException).code, 'ENOSPC')
    assert.equal(folder.append(record('behind the gap')), false)
    // A folder in the place of the draft: the journal can be begun and the snapshot cannot be written.
    mkdirSync(join(path, 'snapshot-00000001.tmp'))
    await assert.rejects(folder.checkpoint('s1'))
    assert.equal(folder.append(record('behind the gap')), false)
    rmSync(join(path, 'snapshot-00000001.tmp'), { recursive: true })
    folder.close()
    const found = reopened(path)
    assert.deepEqual([found.snapshot, found.records], ['s0', ['kept']])
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})

test('a folder that was let go takes no checkpoint: its next holder finds what it left', async () => {
  const path = fresh()
  const folder = await begun(path)
  folder.append(record('one'))
  folder.close()
  await assert.rejects(folder.checkpoint('s1'), /closed/)
  const found = reopened(path)
  assert.deepEqual([found.snapshot, found.records], ['s0', ['one']])
  rmSync(path, { recursive: true })
})
