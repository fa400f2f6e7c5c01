/** scikit-learn and pandas as oracles, where Debian's Python has them. */
import { spawnSync } from 'node:child_process'

const python = '/usr/bin/python3'

/** Whether these modules can be imported; says so once where not, since what depends on it is then skipped. */
export function hasPython(...modules: readonly string[]): boolean {
  const found = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' }).status === 0
  if (!found) console.log(`SKIPPED: comparisons with Python, ${python} has not all of ${modules.join(', ')}`)
  return found
}

/** Runs a script that reads `given` as JSON from stdin and prints JSON. */
export function askPython<T>(script: string, given: unknown): T {
  const { status, stdout, stderr } = spawnSync(
    python,
    ['-c', `import json, sys\ngiven = json.load(sys.stdin)\n${script}`],
    {
      encoding: 'utf8',
      input: JSON.stringify(given),
      maxBuffer: 1 << 26,
    },
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}
