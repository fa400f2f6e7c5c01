/** What `sluice doctor` says of the machine itself: Node, cores, memory, disk. */
import { access, constants, stat, statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'
import { messageOf } from '../core/errors.js'
import type { Check } from './doctor.js'

const GB = 1e9

/** The least that the code needs; package.json says the same to npm. */
const OLDEST_NODE = [20, 15] as const

/** Enough for what one run may use by default. */
const ENOUGH_MEMORY = 2 * GB
/** Two pairs over seven months with everything that is made of them take less than half of it. */
const ENOUGH_DISK = 2 * GB

/** @param version as Node writes it, `v20.15.0` */
export function examineNode(version: string): Check {
  const [major, minor] = version.slice(1).split('.').map(Number)
  const [needMajor, needMinor] = OLDEST_NODE
  const recent = major > needMajor || (major === needMajor && minor >= needMinor)
  const value = `${version.slice(1)}  ${process.execPath}`
  if (recent) return { name: 'Node', state: 'ok', value, needed: true }
  const hint = `install Node ${needMajor}.${needMinor} or newer from https://nodejs.org`
  return { name: 'Node', state: 'missing', value, hint, needed: true }
}

export function examineCores(): Check {
  const usable = availableParallelism()
  const there = cpus().length
  return { name: 'Cores', state: 'ok', value: usable < there ? `${usable} of ${there}` : String(usable) }
}

/** Bytes; `limit` is what a container allows, 0 or more than there is when it sets none. */
export type Memory = {
  readonly total: number
  readonly available: number
  readonly limit: number
  readonly used: number
}

export function readMemory(): Memory {
  const { rss } = process.memoryUsage()
  return { total: totalmem(), available: freemem(), limit: process.constrainedMemory(), used: rss }
}

/** A container's limit counts as the total; what others in it use is not known, so `available` is at most the limit. */
export function examineMemory({ total, available, limit, used }: Memory = readMemory()): Check {
  const limited = limit > 0 && limit < total
  const free = limited ? Math.min(available, limit - used) : available
  const value = `${gb(free)} available of ${gb(limited ? limit : total)}${limited ? ` (container; machine ${gb(total)})` : ''}`
  if (free >= ENOUGH_MEMORY) return { name: 'Memory', state: 'ok', value }
  return {
    name: 'Memory',
    state: 'warning',
    value: `${value}, less than the ${gb(ENOUGH_MEMORY)} that a run may use`,
    hint: 'close other programs, or lower run.memory: the run takes longer, its result stays the same',
  }
}

/** @param root workspace; the nearest folder above it that exists is asked */
export async function examineDisk(root: string): Promise<Check> {
  const name = 'Disk'
  const folder = resolve(root)
  try {
    const existing = await nearestExisting(folder)
    if (!(await stat(existing)).isDirectory()) {
      const hint = 'choose another folder with --root'
      return { name, state: 'missing', value: `${folder}: ${existing} is a file`, hint, needed: true }
    }
    const { bavail, bsize } = await statfs(existing)
    const free = bavail * bsize
    const value = `${gb(free)} free at ${folder}`
    if (!(await isWritable(existing))) {
      const hint = `choose a folder of your own with --root, or change the owner of ${existing}`
      return { name, state: 'missing', value: `${value}, but nothing can be written there`, hint, needed: true }
    }
    if (free >= ENOUGH_DISK) return { name, state: 'ok', value, needed: true }
    const hint = 'make room, or choose another disk with --root'
    return { name, state: 'warning', value: `${value}, less than ${gb(ENOUGH_DISK)}`, hint }
  } catch (thrown) {
    const hint = 'choose another folder with --root'
    return { name, state: 'missing', value: `${folder}: ${messageOf(thrown)}`, hint, needed: true }
  }
}

async function nearestExisting(folder: string): Promise<string> {
  for (let place = folder; ; place = dirname(place)) {
    const found = await access(place).then(
      () => true,
      () => false,
    )
    if (found || place === dirname(place)) return place
  }
}

function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}

function gb(bytes: number): string {
  return `${(Math.max(0, bytes) / GB).toFixed(1)} GB`
}
