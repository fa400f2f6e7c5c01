/**
 * `sluice verify hashes`: the artefacts that two equal runs share byte for byte, read afresh from disk. `sluice verify data`: whether all
 * that lies in data/ is what was downloaded and made from it.
 */
import { EXIT, UserError } from '../core/errors.js'
import { hashOfFile } from '../datasets/files.js'
import { listManifests } from '../datasets/inventory.js'
import { absolute, openWorkspace } from '../datasets/workspace.js'
import { type Flags, isSet, textOf } from './flags.js'
import { createTerminal } from './terminal.js'

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
  throw new UserError(`${damaged.length} of ${files.length} files are not what was written, first ${damaged[0].path}`, {
    hint: 'sluice run makes them again',
    exitCode: EXIT.gate,
  })
}

export async function verifyDataFiles(flags: Flags): Promise<number> {
  const { verifyData } = await import('../datasets/verify-data.js')
  const workspace = openWorkspace(textOf(flags, 'root') ?? '.')
  const terminal = await createTerminal({ quiet: isSet(flags, 'quiet') })
  const check = await verifyData(workspace, (done, total) => terminal.onProgress?.('verify', done, total))
  terminal.close()
  const findings = [
    ...check.files.flatMap(({ path, problem }) => (problem === null ? [] : [`${path} ${problem}`])),
    ...check.strangers.map((path) => `${path} is in no manifest`),
    ...check.ledger,
  ]
  if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify({ ...check, findings }, null, 2)}\n`)
  else for (const finding of findings) process.stdout.write(`${finding}\n`)
  const rows = check.files.reduce((sum, file) => sum + (file.rows ?? 0), 0)
  const told = `${check.files.length} files, ${rows.toLocaleString('en')} rows, ${findings.length} findings`
  if (findings.length === 0) {
    if (!isSet(flags, 'quiet')) process.stderr.write(`data is whole: ${told}\n`)
    return EXIT.done
  }
  throw new UserError(`data is not what was written: ${told}`, {
    hint: 'sluice run makes damaged files again; what is in no manifest can be deleted',
    exitCode: EXIT.gate,
  })
}
