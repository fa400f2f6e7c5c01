/**
 * `sluice verify hashes`: the artefacts that two equal runs share byte for byte, read afresh from disk.
 */
import { EXIT } from '../core/errors.js'
import { hashOfFile } from '../datasets/files.js'
import { listManifests } from '../datasets/inventory.js'
import { absolute, openWorkspace } from '../datasets/workspace.js'
import { type Flags, isSet, textOf } from './flags.js'

export async function verifyHashes(flags: Flags): Promise<number> {
  const workspace = openWorkspace(textOf(flags, 'root') ?? '.')
  const files: { path: string; sha256: string | null; ok: boolean }[] = []
  for (const { path: manifestPath, manifest } of listManifests(workspace)) {
    for (const { path, sha256 } of manifest.files) {
      const found = await hashOfFile(absolute(workspace, path)).catch(() => null)
      files.push({ path, sha256: found, ok: found === sha256 })
    }
    files.push({ path: manifestPath, sha256: await hashOfFile(absolute(workspace, manifestPath)), ok: true })
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const damaged = files.filter(({ ok }) => !ok)
  if (isSet(flags, 'json'))
    process.stdout.write(
      `${JSON.stringify(Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])), null, 2)}\n`,
    )
  else
    for (const { path, sha256, ok } of files)
      process.stdout.write(`${ok ? (sha256 ?? '') : 'damaged'.padEnd(64)}  ${path}\n`)
  if (damaged.length === 0) return EXIT.done
  process.stderr.write(
    `error: ${damaged.length} of ${files.length} files are not what was written, first ${damaged[0].path}\n\nhint: sluice run makes them again\n`,
  )
  return EXIT.gate
}
