/**
 * Figures: what the metrics and our own heartbeats say of a running responder, read off it at the moment of asking.
 */
import type { Lag } from './adapters/fold-reader.ts'
import type { FleetFigures } from './events.ts'
import type { BrokerClock } from './index.ts'
import type { Reading } from './reading.ts'

/** `listeningSince` is undefined while we do not listen: then nobody is called blind. */
export function figuresOf(
  { alerts, receipts }: Reading,
  clock: BrokerClock,
  listeningSince: number | undefined,
): FleetFigures {
  const now = clock.now(Date.now())
  const blind =
    listeningSince === undefined ? [] : receipts.folds.flatMap((fold) => fold.blind(now, listeningSince))
  return {
    incidents: sum(alerts.folds.map(({ incidents }) => incidents)),
    waiting: sum(alerts.folds.map(({ waiting }) => waiting)),
    processes: sum(receipts.folds.map(({ processes }) => processes)),
    blindHosts: new Set(blind.map(({ reporter }) => reporter)).size,
    clockAheadSeconds: clock.ownAheadMs / 1000,
    lagRecords: { alerts: recordsOf(alerts.lags), receipts: recordsOf(receipts.lags) },
    lagSeconds: { alerts: secondsOf(alerts.lags, now), receipts: secondsOf(receipts.lags, now) },
    partitions: { alerts: alerts.folds.length, receipts: receipts.folds.length },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0)
}

function recordsOf(lags: readonly Lag[]): number {
  return sum(lags.map(({ records }) => records))
}

function secondsOf(lags: readonly Lag[], now: number): number {
  const times = lags.filter(({ records, time }) => records > 0 && time > 0).map(({ time }) => now - time)
  return Math.max(0, ...times) / 1000
}
