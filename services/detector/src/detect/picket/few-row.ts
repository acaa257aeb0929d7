/**
 * The row of a source with few contacts: how it is made, and how it grows.
 *
 * Behind the counts lie the hosts, their index and the slots of the contacts, which take what is left of the row.
 */

import { CONTACT } from './contact.ts'
import {
  CONTACT_WORDS,
  locateContact,
  MARKS,
  MINUTE,
  putContact,
  slotsEnd,
  slotsOf,
} from './contact-table.ts'
import { indexHosts, wordsOfHost, wordsOfHosts } from './few-hosts.ts'
import { PACE_WORDS } from './pace.ts'
import { lengthOf, type Row, type RowStore } from './row-store.ts'
import { AT, FEW, FIRST, FLAG, HOSTS_AT, SHORT_ROW } from './scan-row.ts'

/** Each step is a copy, and what is not used is lost: the first steps are for the many who stop soon. */
const HOST_STEPS = [2, 8, 24, 60, 108, 192] as const
const SLOT_STEPS = [4, 14, 44, 124, 240] as const

/** Turns a short row into one of few contacts, without any. */
export function openFew(row: Row, store: RowStore): void {
  const { words, base } = row
  for (let i = FIRST.host; i < SHORT_ROW; i++) words[base + i] = 0
  const from = { words, base }
  store.allocate(row, HOSTS_AT + wordsOfHosts(from, HOST_STEPS[0]) + SLOT_STEPS[0] * CONTACT_WORDS)
  copyWords(from, row, SHORT_ROW)
  store.release(words, base)
  row.words[row.base + AT.flags] = (row.words[row.base + AT.flags] as number) | FLAG.few
  layOut(row, HOST_STEPS[0])
}

/** Turns it back into a short row, for a source without contacts or with many. */
export function closeFew(row: Row, store: RowStore): void {
  const { words, base } = row
  store.allocate(row, SHORT_ROW)
  copyWords({ words, base }, row, FIRST.host)
  store.release(words, base)
  row.words[row.base + AT.flags] = (row.words[row.base + AT.flags] as number) & ~FLAG.few
}

/** Forgets the contacts and what was counted of them; what was told of their pace stays. */
export function emptyFew(row: Row, store: RowStore): void {
  const at = row.base + FEW.pace
  const pace = row.words.slice(at, at + PACE_WORDS)
  closeFew(row, store)
  openFew(row, store)
  row.words.set(pace, row.base + FEW.pace)
  const flags = row.base + AT.flags
  row.words[flags] = (row.words[flags] as number) & ~(FLAG.vertical | FLAG.sweep | FLAG.burst)
}

/** Makes room for one more contact, and for one more host. */
export function makeRoom(row: Row, store: RowStore, isNewHost: boolean): void {
  const { words, base } = row
  const contacts = (words[base + FEW.contacts] as number) + 1
  const hosts = (words[base + FEW.hosts] as number) + (isNewHost ? 1 : 0)
  const hasRoom = contacts * 16 <= (words[base + FEW.slots] as number) * 13
  if (hasRoom && hosts <= (words[base + FEW.hostRoom] as number)) return
  grow(row, store, hosts + (hosts >>> 3), (contacts + (contacts >>> 3)) * (16 / 13))
}

function grow(row: Row, store: RowStore, hosts: number, slots: number): void {
  const old = { words: row.words, base: row.base }
  const hostRoom = stepFor(HOST_STEPS, hosts)
  store.allocate(row, HOSTS_AT + wordsOfHosts(old, hostRoom) + stepFor(SLOT_STEPS, slots) * CONTACT_WORDS)
  const count = old.words[old.base + FEW.hosts] as number
  copyWords(old, row, HOSTS_AT + count * wordsOfHost(old))
  layOut(row, hostRoom)
  indexHosts(row)
  for (let at = slotsOf(old); at < slotsEnd(old); at += CONTACT_WORDS) moveContact(old, at, row)
  store.release(old.words, old.base)
}

function moveContact(from: Row, at: number, to: Row): void {
  const marks = from.words[at + MARKS] as number
  if (marks === 0) return
  const key = from.words[at] as number
  putContact(
    to,
    locateContact(to, key, marks & CONTACT.portless),
    key,
    from.words[at + MINUTE] as number,
    marks,
  )
}

function stepFor(steps: readonly number[], wanted: number): number {
  let i = 0
  while (i < steps.length - 1 && (steps[i] as number) < wanted) i++
  return steps[i] as number
}

/** Copies the first words but the length. */
function copyWords(from: Row, to: Row, count: number): void {
  for (let i = 1; i < count; i++) to.words[to.base + i] = from.words[from.base + i] as number
}

function layOut(row: Row, hostRoom: number): void {
  const { words, base } = row
  const slotsAt = HOSTS_AT + wordsOfHosts(row, hostRoom)
  words[base + FEW.hostRoom] = hostRoom
  words[base + FEW.slotsAt] = slotsAt
  words[base + FEW.slots] = Math.floor((lengthOf(row) - slotsAt) / CONTACT_WORDS)
}
