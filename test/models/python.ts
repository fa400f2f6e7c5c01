/** Python's own xgboost as an oracle, where it is installed. */

import { spawnSync } from 'node:child_process'

const python = '/usr/bin/python3'

/** Version of the installed package, or why there is none. */
export function pythonXgboost(): { ok: true; version: string } | { ok: false; reason: string } {
  const { status, stdout, stderr, error } = spawnSync(python, ['-c', 'import xgboost; print(xgboost.__version__)'], {
    encoding: 'utf8',
  })
  if (status === 0) return { ok: true, version: stdout.trim() }
  return { ok: false, reason: error?.message ?? stderr.trim().split('\n').at(-1) ?? 'unknown' }
}

/** Runs a script with arguments and returns what it prints. */
export function runPython(script: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ['-c', script, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
