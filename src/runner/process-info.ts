/**
 * Facts about processes that the runner needs: whether one still lives, since when, and how much memory a family of them holds.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * When a process started, in a form that differs after its id has been given to another, or null when there is none.
 * Linux: ticks since boot and the boot's id. Elsewhere: `ps -o lstart`.
 */
export function startOfProcess(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The command's name stands in parentheses and may hold spaces; state is field 3, start time field 22.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z') return null
      return `${fields[19]}@${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`
    }
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text.trim() === '' ? null : text.trim()
  } catch {
    return null
  }
}

/** Resident memory of one process, bytes; null where it cannot be read. */
export function residentMemory(pid: number): number | null {
  try {
    const kilobytes =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          })
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}

/** Resident memory of a process and all that it started, bytes; 0 where it cannot be read. */
export function familyMemory(pid: number): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss()
  const parents = new Map<number, number>()
  const memory = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8')
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0))
      memory.set(Number(name), Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024)
    } catch {
      // It has ended between the listing and the reading.
    }
  }
  let total = 0
  for (const [member, bytes] of memory) {
    for (let at: number | undefined = member; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === pid) {
        total += bytes
        break
      }
    }
  }
  return total
}
