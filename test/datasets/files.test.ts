import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/canonical.js'
import { UserError } from '../../src/core/errors.js'
import { fileHashes, loadFileHashes } from '../../src/datasets/file-hashes.js'
import { inUsersWords, readJson, writeFileWhole } from '../../src/datasets/files.js'
import { absolute, addressIn, openWorkspace, placeFor, type Workspace } from '../../src/datasets/workspace.js'
import { scratchFolder } from '../support/scratch.js'

/**
 * A workspace with one file, last changed at second 1000 by its own account, and a clock that stands long after what
 * the system knows.
 */
async function oneFile(): Promise<{ workspace: Workspace; path: string; now: () => number }> {
  const workspace = openWorkspace(await scratchFolder())
  mkdirSync(join(workspace.root, '.sluice'))
  const path = join(workspace.root, 'a.txt')
  writeFileSync(path, 'one')
  utimesSync(path, 1000, 1000)
  return { workspace, path, now: () => Date.now() + 60_000 }
}

describe('the memory of file hashes', () => {
  it('knows the content, and null for what is no file', async () => {
    const { workspace, now } = await oneFile()
    const hashes = loadFileHashes(workspace, now)
    expect(await hashes.of('a.txt')).toBe(sha256('one'))
    expect(await hashes.of('b.txt')).toBeNull()
    expect(await hashes.of('.sluice')).toBeNull()
  })

  it('does not read again what has the same size and times', async () => {
    const { workspace, path, now } = await oneFile()
    const { size, mtimeMs: mtime, ctimeMs: ctime } = statSync(path)
    // Another content than that of the file: only the memory can say it.
    const known = { size, mtime, ctime, sha256: 'remembered' }
    writeFileSync(join(workspace.root, '.sluice/hashes.json'), JSON.stringify({ 'a.txt': known }))
    expect(await loadFileHashes(workspace, now).of('a.txt')).toBe('remembered')
    expect(await fileHashes(workspace, now).of('a.txt')).toBe(sha256('one'))
  })

  it('reads again a content that was changed with size and modification time kept', async () => {
    const { workspace, path, now } = await oneFile()
    const hashes = loadFileHashes(workspace, now)
    await hashes.of('a.txt')
    hashes.save()
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(path, 'two')
    utimesSync(path, 1000, 1000)
    expect(await loadFileHashes(workspace, now).of('a.txt')).toBe(sha256('two'))
  })

  it('reads again after a touch, an edit of the same size, and a change of size', async () => {
    const { workspace, path, now } = await oneFile()
    const hashes = loadFileHashes(workspace, now)
    await hashes.of('a.txt')
    utimesSync(path, 2000, 2000)
    expect(await hashes.of('a.txt')).toBe(sha256('one'))
    writeFileSync(path, 'two')
    utimesSync(path, 3000, 3000)
    expect(await hashes.of('a.txt')).toBe(sha256('two'))
    writeFileSync(path, 'three')
    utimesSync(path, 3000, 3000)
    expect(await hashes.of('a.txt')).toBe(sha256('three'))
    rmSync(path)
    expect(await hashes.of('a.txt')).toBeNull()
  })

  it('does not remember a file that was changed only just now', async () => {
    const { workspace, path } = await oneFile()
    const justAfter = () => Date.now() + 500
    const hashes = loadFileHashes(workspace, justAfter)
    await hashes.of('a.txt')
    writeFileSync(path, 'two')
    utimesSync(path, 1000, 1000)
    expect(await hashes.of('a.txt')).toBe(sha256('two'))
  })

  it('that is lost or damaged costs time only', async () => {
    const { workspace, now } = await oneFile()
    writeFileSync(join(workspace.root, '.sluice/hashes.json'), '{"a.txt": {"si')
    expect(await loadFileHashes(workspace, now).of('a.txt')).toBe(sha256('one'))
  })
})

describe('writing a file whole', () => {
  it('replaces what was there and leaves nothing else', async () => {
    const folder = await scratchFolder()
    writeFileWhole(join(folder, 'x'), 'one')
    writeFileWhole(join(folder, 'x'), new Uint8Array([50]))
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('2')
    expect(readdirSync(folder)).toEqual(['x'])
  })

  it('that fails leaves the old file and no temporary one', async () => {
    const folder = await scratchFolder()
    mkdirSync(join(folder, 'x'))
    expect(() => writeFileWhole(join(folder, 'x'), 'one')).toThrow()
    expect(readdirSync(folder)).toEqual(['x'])
    expect(statSync(join(folder, 'x')).isDirectory()).toBe(true)
  })

  it('JSON that is not there, or cut off, is null', async () => {
    const folder = await scratchFolder()
    writeFileSync(join(folder, 'x'), '{"a":')
    expect([readJson(join(folder, 'x')), readJson(join(folder, 'y'))]).toEqual([null, null])
  })
})

describe('what the system refused, in words', () => {
  const refused = (code: string) => inUsersWords(Object.assign(new Error(`${code}: refused`), { code }), 'x')

  it.each([
    ['ENOSPC', /^the disk is full: x could not be written$/],
    ['EDQUOT', /^the disk is full: x could not be written$/],
    ['EACCES', /^x cannot be opened or written: permission denied$/],
    ['EROFS', /^x cannot be written: the folder is read-only$/],
    ['SQLITE_READONLY_DIRECTORY', /^x cannot be written: the folder is read-only$/],
    ['SQLITE_CANTOPEN', /^x cannot be opened or written: permission denied$/],
    ['ENOTDIR', /a file stands where a folder should be/],
  ])('%s', (code, message) => {
    const error = refused(code)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.any(String) })
  })

  it('DuckDB says it as text', () => {
    const thrown = new Error('IO Error: Could not write all bytes to file "x": wanted=10 wrote=3')
    expect(inUsersWords(thrown, 'x')).toMatchObject({ message: 'the disk is full: x could not be written' })
  })

  it('a folder that cannot be made where all above it are is on a file system that is read-only', () => {
    const error = Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'mkdir', path: '/mnt/x' })
    expect(inUsersWords(error, 'y')).toMatchObject({ message: '/mnt/x cannot be written: the folder is read-only' })
  })

  it('the file that the error names goes before the one that was being made, under its own name', () => {
    const error = Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/a/lock.12.tmp.12.tmp' })
    expect(inUsersWords(error, 'x')).toMatchObject({ message: expect.stringMatching(/^\/a\/lock cannot be opened/) })
  })

  it.each([
    ['IO Error: Cannot open file "x": Permission denied', 'permission denied'],
    ['IO Error: Cannot open file "x": Read-only file system', 'the folder is read-only'],
  ])('DuckDB says what may not be written as text: %s', (text, reason) => {
    expect(inUsersWords(new Error(text), 'x')).toMatchObject({ message: expect.stringContaining(reason) })
  })

  it('anything else passes as it is', () => {
    const error = new TypeError('x is not a function')
    expect(inUsersWords(error, 'x')).toBe(error)
    expect(refused('ENOENT')).not.toBeInstanceOf(UserError)
  })
})

describe('a workspace', () => {
  it.each(['../x', 'data/../../x', '/etc/passwd', '..', 'a\\..\\..\\x'])('is not left by the path %j', (path) => {
    expect(() => absolute(openWorkspace('/tmp/w'), path)).toThrow(`${path} leads out of the workspace /tmp/w`)
    expect(absolute(openWorkspace('/tmp/w'), 'data/..x/y')).toBe('/tmp/w/data/..x/y')
  })

  it('whose root is a file is refused in words', async () => {
    const folder = await scratchFolder()
    writeFileSync(join(folder, 'file'), '')
    expect(() => placeFor(openWorkspace(join(folder, 'file')), 'data/x')).toThrow(
      'a file stands where a folder should be',
    )
  })

  it('names an archive inside it by its place, so that both may be moved together', async () => {
    const workspace = openWorkspace('/w')
    expect(addressIn(workspace, '/w/archive')).toBe('root:archive')
    expect(addressIn(workspace, '/other/archive')).toBe('/other/archive')
    expect(addressIn(workspace, 'https://data.binance.vision')).toBe('https://data.binance.vision')
  })
})
