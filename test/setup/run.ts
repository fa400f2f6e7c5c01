/** Runs the project's scripts and make from a test, without the test runner's own environment. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export const project = join(import.meta.dirname, '../..')

export type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** `path` goes before the usual PATH. */
export function run(
  command: string,
  args: readonly string[],
  {
    cwd = project,
    path = '',
    ...variables
  }: { readonly cwd?: string; readonly path?: string; readonly [name: string]: string | undefined } = {},
): Outcome {
  const env = { PATH: `${path}:${process.env.PATH}`, HOME: process.env.HOME, ...variables }
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { status, stdout, stderr }
}
