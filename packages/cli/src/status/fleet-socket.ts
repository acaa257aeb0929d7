/**
 * Whom `picket status` asks by the configuration: a guard, or the responder of a fleet.
 *
 * The sections are there with their defaults in every configuration, so what counts is whether the file names one.
 */
import { valueAt } from '../config/issues.ts'
import type { Config } from '../config/schema.ts'
import type { YamlFile } from '../config/yaml-file.ts'

const FLEET_SECTIONS = ['responder', 'kafka', 'remote'] as const

export function isOfFleet(yaml: Pick<YamlFile, 'value'>): boolean {
  return FLEET_SECTIONS.some((name) => valueAt(yaml.value, [name]) !== undefined)
}

export function responderSocket({ state, responder }: Pick<Config, 'state' | 'responder'>): string {
  return responder.control ?? `${state}/responder.sock`
}
