/**
 * The bars below the lines of a terminal: one for the stage, and one for each group of units, such as the months of a series.
 */
import progress, { type SingleBar } from 'cli-progress'
import type { GroupProgress } from '../runner/groups.js'

export interface Bars {
  /** Above the bars, for good. */
  line(text: string): void
  stage(name: string, finished: number, total: number): void
  group(progress: GroupProgress): void
  close(): void
}

/** Groups that are shown at once: a screen is not longer. */
const SHOWN = 12

export async function createBars(stream: NodeJS.WriteStream): Promise<Bars> {
  const multi = new progress.MultiBar(
    {
      format: '{name} {bar} {percentage} %  {value}/{total}{left}{bytes}{note}',
      clearOnComplete: true,
      forceRedraw: true, // a line may have taken its place
      gracefulExit: false, // signals are the runner's
      hideCursor: true,
      autopadding: true,
      barsize: 24,
      stream,
    },
    progress.Presets.shades_grey,
  )
  const groups = new Map<string, Shown>()
  let current: (Shown & { readonly name: string }) | null = null
  const create = (name: string, total: number) =>
    multi.create(total, 0, { name: name.padEnd(32), left: '', bytes: '', note: '' })
  const show = (bar: SingleBar, finished: number): Shown => ({ bar, begun: performance.now(), from: finished })
  const twoDigits = (value: number) => Math.round(value * 100) / 100

  const removeGroups = () => {
    for (const { bar } of groups.values()) multi.remove(bar)
    groups.clear()
  }
  const removeStage = () => {
    removeGroups()
    if (current !== null) multi.remove(current.bar)
    current = null
  }
  return {
    line(text) {
      if (current === null && groups.size === 0) stream.write(`${text}\n`)
      else {
        multi.log(`${text}\n`)
        multi.update()
      }
    },
    stage(name, finished, total) {
      if (current !== null && (current.name !== name || finished >= total)) removeStage()
      if (finished >= total) return
      current ??= { name, ...show(create(name, total), finished) }
      current.bar.setTotal(total)
      current.bar.update(twoDigits(finished), { left: timeLeft(finished, total, current.from, elapsed(current)) })
    },
    group({ group, finished, total, bytes, note }) {
      const known = groups.get(group)
      if (finished >= total) {
        if (known !== undefined) multi.remove(known.bar)
        groups.delete(group)
        return
      }
      if (known === undefined && groups.size >= SHOWN) return
      const shown = known ?? show(create(`  ${group}`, total), finished)
      groups.set(group, shown)
      shown.bar.update(twoDigits(finished), {
        left: timeLeft(finished, total, shown.from, elapsed(shown)),
        bytes: amount(bytes, elapsed(shown)),
        ...(note === '' ? {} : { note: `  ${note}` }),
      })
    },
    close() {
      removeStage()
      multi.stop()
    },
  }
}

/** `from`: what was finished already when the bar appeared. */
type Shown = { readonly bar: SingleBar; readonly begun: number; readonly from: number }

const elapsed = ({ begun }: Shown) => (performance.now() - begun) / 1000

/** `  1m 5s left`, by what was done in these seconds, from `from` on; nothing before anything was. */
export function timeLeft(finished: number, total: number, from: number, seconds: number): string {
  const done = finished - from
  if (done <= 0 || seconds < 0.5) return ''
  const rest = Math.round((seconds * (total - finished)) / done)
  const text =
    rest < 60
      ? `${rest}s`
      : rest < 3600
        ? `${Math.floor(rest / 60)}m ${rest % 60}s`
        : `${Math.floor(rest / 3600)}h ${Math.floor((rest % 3600) / 60)}m`
  return `  ${text} left`
}

/** `  12.3 MB  4.5 MB/s`, nothing where no bytes are known. */
function amount(bytes: number, seconds: number): string {
  if (bytes === 0) return ''
  const rate = seconds > 0.5 ? `  ${(bytes / 1e6 / seconds).toFixed(1)} MB/s` : ''
  return `  ${(bytes / 1e6).toFixed(1)} MB${rate}`
}
