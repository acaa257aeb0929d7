/**
 * A psad scan as a plain value, and back.
 *
 * Intervals mean something under one CHECK_INTERVAL only: restored under another they begin empty, while counts
 * and levels stay.
 */
import type { Scan } from '../method.ts'
import { ContactSet } from './contact-set.ts'
import type { Evidence } from './evidence.ts'
import { newIntervals } from './intervals.ts'
import type { Measures, PsadScan } from './psad-scan.ts'
import type { Run } from './run.ts'
import type { Target } from './target.ts'
import { addTarget, newTargets } from './targets.ts'

interface PackedTarget {
  readonly words: readonly number[]
  readonly run: Run
  readonly before: Run | null
  readonly contacts: readonly number[]
  readonly interval: number
  readonly recent: readonly number[]
}

interface PackedScan {
  readonly base: Scan
  readonly targets: readonly PackedTarget[]
  /** CHECK_INTERVAL in ms. */
  readonly checkInterval: number
  readonly newest: number
  readonly hosts: readonly number[]
  readonly packets: readonly number[]
  readonly evidence: Evidence
  readonly techniques: number
  readonly invalidIcmp: number
  readonly invalidIcmpShape: number
  readonly unfollowed: number
}

export function packScan(scan: PsadScan, measures: Measures): PackedScan {
  const { targets, intervals, evidence, techniques, invalidIcmp, invalidIcmpShape, unfollowed, ...base } =
    scan
  return {
    base: { ...base, reporters: typeof base.reporters === 'string' ? base.reporters : [...base.reporters] },
    targets: targets.list.map(packTarget),
    checkInterval: measures.interval,
    newest: intervals.newest,
    hosts: [...intervals.hosts],
    packets: [...intervals.packets],
    evidence: { ...evidence },
    techniques,
    invalidIcmp,
    invalidIcmpShape,
    unfollowed,
  }
}

export function unpackScan(value: unknown, measures: Measures): PsadScan {
  const packed = structuredClone(value) as PackedScan
  const isSame = packed.checkInterval === measures.interval
  const targets = newTargets()
  for (const each of packed.targets) addTarget(targets, unpackTarget(each, isSame, measures))
  const intervals = isSame
    ? { newest: packed.newest, hosts: [...packed.hosts], packets: [...packed.packets] }
    : newIntervals(0, measures.intervals)
  const { evidence, techniques, invalidIcmp, invalidIcmpShape, unfollowed } = packed
  return {
    ...packed.base,
    targets,
    intervals,
    evidence,
    techniques,
    invalidIcmp,
    invalidIcmpShape,
    unfollowed,
  }
}

function packTarget(target: Target): PackedTarget {
  return {
    words: [target.word0, target.word1, target.word2, target.word3],
    run: packRun(target.run),
    before: target.before === null ? null : packRun(target.before),
    contacts: target.contacts.ranges(),
    interval: target.interval,
    recent: [...target.recent],
  }
}

function packRun(run: Run): Run {
  return { ...run, protocols: [...run.protocols] }
}

function unpackTarget(packed: PackedTarget, keepsIntervals: boolean, measures: Measures): Target {
  const [word0 = 0, word1 = 0, word2 = 0, word3 = 0] = packed.words
  const contacts = new ContactSet()
  contacts.addRanges(packed.contacts)
  return {
    word0,
    word1,
    word2,
    word3,
    run: packed.run,
    before: packed.before,
    contacts,
    interval: keepsIntervals ? packed.interval : 0,
    recent: keepsIntervals ? [...packed.recent] : new Array<number>(measures.intervals).fill(0),
  }
}
