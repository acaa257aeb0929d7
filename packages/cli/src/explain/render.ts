/**
 * An explanation as text: every packet up to the first level, then only the turns, then the summary.
 *
 * What lies between is counted in one line: a thousand-port scan must not hide its four turns.
 */

import { safeText } from '@picket/schemas'
import { levelPaint } from '../report/incident.ts'
import type { Page } from '../report/page.ts'
import { plural, spoken } from '../terminal/words.ts'
import { printTime } from '../zone.ts'
import { MEANING } from './observed.ts'
import type { Step, Story } from './story.ts'

const INDENT = ' '.repeat(21)
/** Packets shown one by one before the first level. */
const SHOWN_SINGLY = 60

export function renderSteps({ steps, omitted }: Story, page: Page): string[] {
  const lines: string[] = []
  let passed: Step[] = []
  let shown = 0
  const tellPassed = (): void => {
    lines.push(...passedLine(passed, page))
    passed = []
  }
  for (const [at, step] of steps.entries()) {
    const isFirst = step.level === 0 && shown < SHOWN_SINGLY && !isLike(step, steps[at - 1])
    if (!step.isTurn && !step.isNewStory && !isFirst) {
      passed.push(step)
      continue
    }
    tellPassed()
    lines.push(...stepLines(step, page))
    shown++
  }
  tellPassed()
  if (omitted > 0)
    lines.push(page.palette.dim(`${INDENT}… ${plural(omitted, 'packet')} more that changed nothing`))
  return lines
}

/** The same to the eye as the one before, and without effect. */
function isLike(step: Step, before: Step | undefined): boolean {
  return (
    before !== undefined &&
    step.observed === before.observed &&
    !step.isNewContact &&
    step.reasons.length === 0
  )
}

function passedLine(passed: readonly Step[], { palette }: Page): string[] {
  if (passed.length === 0) return []
  const contacts = passed.filter(({ isNewContact }) => isNewContact).length
  const effect = contacts > 0 ? `, ${plural(contacts, 'new contact')}` : ', nothing new'
  return [palette.dim(`${INDENT}… ${plural(passed.length, 'packet')}${effect}`)]
}

function stepLines(step: Step, page: Page): string[] {
  const { palette } = page
  const head = `${printTime(page.zone, step.time)}  ${safeText(step.flow)}  ${safeText(step.header)}`
  const lines = [`${head}  ${palette.dim(effectOf(step))}`]
  if (step.isNewStory) lines.push(`${INDENT}the incident before has ended: a new one begins`)
  for (const reason of step.reasons) lines.push(`${INDENT}${safeText(reason)}`)
  if (step.isTurn && step.level > 0) {
    const paint = levelPaint(palette, step.level)
    lines.push(`${INDENT}${paint(`→ level ${step.level}: ${step.kinds.map(spoken).join(', ')}`)}`)
  }
  return lines
}

function effectOf(step: Step): string {
  if (step.observed !== 'probe') return `${step.observed}: ${MEANING[step.observed]}`
  return step.isNewContact ? `probe, contact ${step.contacts}` : 'probe, seen before'
}
