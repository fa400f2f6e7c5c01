/**
 * Before any test: `dist/` is made again when `src/` is newer, because the end-to-end tests run the compiled program.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '../..')

export default function buildWhenStale(): void {
  const entry = join(project, 'dist/main.js')
  if (existsSync(entry) && newestIn(join(project, 'src')) <= statSync(entry).mtimeMs) return
  const { status, stdout, stderr } = spawnSync(join(project, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], {
    cwd: project,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`dist/ could not be compiled:\n${stdout}${stderr}`)
  const now = new Date()
  utimesSync(entry, now, now)
}

function newestIn(folder: string): number {
  let newest = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  }
  return newest
}
