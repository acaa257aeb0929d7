/**
 * A program that a test needs is not installed. That fails the test: a proof that did not run proves nothing.
 */
import { execFileSync } from 'node:child_process'

const PACKAGES: Readonly<Record<string, string>> = {
  java: 'openjdk-17-jre-headless',
  mvn: 'maven',
  openssl: 'openssl',
  postfix: 'postfix',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  promtool: 'prometheus',
  'redis-check-aof': 'redis-tools',
  'redis-cli': 'redis-tools',
  'redis-server': 'redis-server',
  setpriv: 'util-linux',
}

export class MissingTool extends Error {
  override readonly name = 'MissingTool'

  constructor(tool: string, cause?: unknown) {
    const name = PACKAGES[tool] ?? tool
    super(
      `${tool} is not installed: run scripts/test as root, or apt-get install --no-install-recommends ${name}`,
      { cause },
    )
  }
}

const found = new Set<string>()

/** The tool's name, once it is known to be there. */
export function needTool(tool: string): string {
  if (found.has(tool)) return tool
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' })
  } catch (error) {
    throw new MissingTool(tool, error)
  }
  found.add(tool)
  return tool
}
