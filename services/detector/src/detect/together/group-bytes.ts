/** A group with its incidents as bytes, and back. */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { Cell, MAX_CONTACTS } from './cell.ts'
import { Group } from './group.ts'
import type { Groups } from './groups.ts'
import { readDays, readKey, readSeen, writeDays, writeKey, writeSeen } from './key-bytes.ts'
import type { GroupKey } from './keys.ts'
import type { Seen } from './seen.ts'
import type { Story } from './story.ts'

export function writeGroup(into: ByteWriter, group: Group): void {
  writeKey(into, group.key)
  writeDays(into, group.days)
  writeContacts(into, group.contacts)
  into.reserve(8)
  into.varint(group.stories.length)
  for (const story of group.stories) writeStory(into, story)
}

export function readGroup(from: ByteReader, groups: Groups): void {
  const group = new Group(readKey(from), readDays(from))
  group.contacts = readContacts(from)
  group.stories = Array.from({ length: from.count(from.rest) }, () => readStory(from, group.key))
  groups.byKey.set(group.key, group)
  groups.contacts += group.contacts.length
}

function writeContacts(into: ByteWriter, contacts: readonly Seen[]): void {
  into.reserve(8)
  into.varint(contacts.length)
  for (const seen of contacts) writeSeen(into, seen)
}

function readContacts(from: ByteReader): Seen[] {
  return Array.from({ length: from.count(MAX_CONTACTS) }, () => readSeen(from))
}

function writeStory(into: ByteWriter, { cell, day, finding, ...told }: Story): void {
  writeKey(into, cell.target)
  writeContacts(into, cell.contacts)
  into.reserve(128)
  into.float64(day)
  for (const count of [finding.sources, finding.contacts, finding.distinct, finding.fleet]) into.varint(count)
  for (const number of [finding.expected, finding.lnChance, finding.overlap]) into.float64(number)
  for (const count of [told.level, told.revision, told.toldLevel, told.toldSources]) into.varint(count)
}

function readStory(from: ByteReader, group: GroupKey): Story {
  const cell = new Cell(readKey(from), group, readContacts(from))
  const day = from.float64()
  const [sources, contacts, distinct, fleet] = [from.varint(), from.varint(), from.varint(), from.varint()]
  const [expected, lnChance, overlap] = [from.float64(), from.float64(), from.float64()]
  const finding = { sources, contacts, distinct, fleet, expected, lnChance, overlap }
  const [level, revision, toldLevel, toldSources] = [
    from.varint(),
    from.varint(),
    from.varint(),
    from.varint(),
  ]
  return { cell, day, finding, level, revision, toldLevel, toldSources }
}
