/**
 * Give way: a short random wait for whoever found that another had claimed what it was changing.
 *
 * Without it two that change the same value in step refuse each other for ever: each claim undoes the other's.
 */
import { pause } from '@picket/runtime'

const MOST_MS = 50

/** After so many tries that came to nothing. */
export function giveWay(tries: number): Promise<void> {
  return pause(Math.random() * Math.min(2 ** tries, MOST_MS))
}
