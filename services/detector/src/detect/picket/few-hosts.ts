/**
 * Up to 192 hosts in a row, numbered as they came: the address (IPv4: one word, IPv6: four) and a word of tally.
 *
 * More than eight are found by an index of bytes behind them, host number + 1 by hash.
 */
import { type Address, compareAddresses, mix, printAddress, setV4, stir, V4_MARK } from '@picket/schemas'
import { printHosts } from './host-text.ts'
import type { Row } from './row-store.ts'
import { AT, FEW, FLAG, HOSTS_AT } from './scan-row.ts'

/** Fewer hosts than this are searched one by one. */
const LINEAR = 8

/** Words of a host: its address and its tally. */
export function wordsOfHost(row: Row): number {
  return ((row.words[row.base + AT.flags] as number) & FLAG.wide) === 0 ? 2 : 5
}

/** Words that so many hosts take, with their index; `hostRoom` above eight is divisible by 12. */
export function wordsOfHosts(row: Row, hostRoom: number): number {
  return hostRoom * wordsOfHost(row) + (hostRoom > LINEAR ? hostRoom / 3 : 0)
}

/** The host's number, or -1. */
export function findHost(row: Row, address: Address): number {
  const count = row.words[row.base + FEW.hosts] as number
  if (count > LINEAR) return findByHash(row, address)
  for (let host = 0; host < count; host++) if (isHost(row, host, address)) return host
  return -1
}

/** The number of a host that was not there. Make room first. */
export function addHost(row: Row, address: Address): number {
  const { words, base } = row
  const host = words[base + FEW.hosts] as number
  const at = tallyAt(row, host)
  words[at] = 0
  words[at - 1] = address[3] as number
  if (wordsOfHost(row) > 2) for (let i = 0; i < 3; i++) words[at - 4 + i] = address[i] as number
  words[base + FEW.hosts] = host + 1
  if (host > LINEAR) enter(row, host)
  else if (host === LINEAR) indexHosts(row)
  return host
}

/** Fills an empty index. */
export function indexHosts(row: Row): void {
  const count = row.words[row.base + FEW.hosts] as number
  if (count > LINEAR) for (let host = 0; host < count; host++) enter(row, host)
}

/** The address of a host, into an array that the caller may use again. */
export function readHost(row: Row, host: number, into: Address): Address {
  const at = tallyAt(row, host)
  if (wordsOfHost(row) === 2) setV4(into, row.words[at - 1] as number)
  else for (let i = 0; i < 4; i++) into[i] = row.words[at - 4 + i] as number
  return into
}

/** All hosts as text, by ascending address. */
export function textsOfHosts(row: Row): string[] {
  const count = row.words[row.base + FEW.hosts] as number
  if (wordsOfHost(row) > 2) {
    const addresses = Array.from({ length: count }, (_, host) => readHost(row, host, new Int32Array(4)))
    return addresses.sort(compareAddresses).map(printAddress)
  }
  const words = new Uint32Array(count)
  for (let host = 0; host < count; host++) words[host] = row.words[tallyAt(row, host) - 1] as number
  return printHosts(words)
}

/** The position of a host's tally, behind its address. */
export function tallyAt(row: Row, host: number): number {
  return row.base + HOSTS_AT + (host + 1) * wordsOfHost(row) - 1
}

function isHost(row: Row, host: number, address: Address): boolean {
  const words = row.words
  const at = tallyAt(row, host)
  if (words[at - 1] !== address[3]) return false
  if (wordsOfHost(row) === 2) return true
  return words[at - 2] === address[2] && words[at - 3] === address[1] && words[at - 4] === address[0]
}

/** Bytes of the index, from the position `indexAt` on. */
export function bytesOfIndex(row: Row): number {
  return ((row.words[row.base + FEW.hostRoom] as number) / 3) << 2
}

/** The host that a byte of the index names, or -1. */
export function hostInIndex(row: Row, i: number): number {
  return byteAt(row.words, indexAt(row), i) - 1
}

function indexAt(row: Row): number {
  return row.base + HOSTS_AT + (row.words[row.base + FEW.hostRoom] as number) * wordsOfHost(row)
}

function homeOf(word2: number, word3: number, bytes: number): number {
  return ((mix(stir(word2, word3)) >>> 16) * bytes) >>> 16
}

function findByHash(row: Row, address: Address): number {
  const words = row.words
  const start = indexAt(row)
  const bytes = bytesOfIndex(row)
  for (let i = homeOf(address[2] as number, address[3] as number, bytes); ; i = i + 1 === bytes ? 0 : i + 1) {
    const host = byteAt(words, start, i) - 1
    if (host < 0 || isHost(row, host, address)) return host
  }
}

function enter(row: Row, host: number): void {
  const words = row.words
  const start = indexAt(row)
  const bytes = bytesOfIndex(row)
  const at = tallyAt(row, host)
  const word2 = wordsOfHost(row) === 2 ? V4_MARK : (words[at - 2] as number)
  let i = homeOf(word2, words[at - 1] as number, bytes)
  while (byteAt(words, start, i) !== 0) i = i + 1 === bytes ? 0 : i + 1
  words[start + (i >>> 2)] = (words[start + (i >>> 2)] as number) | ((host + 1) << ((i & 3) << 3))
}

function byteAt(words: Int32Array, start: number, i: number): number {
  return ((words[start + (i >>> 2)] as number) >>> ((i & 3) << 3)) & 0xff
}
