/**
 * The bars below the lines of a terminal: one for the stage, and one for each group of units, such as the months of a series.
 */
import progress, { type SingleBar } from 'cli-progress'
import type { GroupProgress } from '../runner/groups.js'
import { wrapped } from './wrap.js'

export interface Bars {
  /** Above the bars, for good. */
  line(text: string): void
  stage(name: string, finished: number, total: number): void
  group(progress: GroupProgress): void
  close(): void
}

/** Groups that are shown at once, on a screen that has the rows. */
const SHOWN = 12
/** A terminal that does not say how large it is. */
const USUAL = { columns: 80, rows: 24 }
const CLEAR_BELOW = '\x1b[J'

export async function createBars(stream: NodeJS.WriteStream): Promise<Bars> {
  const multi = new progress.MultiBar(
    {
      format: (_, { progress: fraction, value, total }, payload: Note) =>
        barLine({ ...payload, fraction, count: `${value}/${total}` }, stream.columns || USUAL.columns),
      clearOnComplete: true,
      forceRedraw: true, // a line may have taken its place
      gracefulExit: false, // signals are the runner's
      hideCursor: true,
      linewrap: true, // bars are made to fit; without wrapping the lines above them would be cut
      stream,
    },
    progress.Presets.shades_grey,
  )
  const groups = new Map<string, Shown>()
  let current: (Shown & { readonly name: string }) | null = null
  const create = (name: string, total: number) => multi.create(total, 0, { name, left: '', bytes: '', note: '' })
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
      if (current === null && groups.size === 0) stream.write(`${wrapped(text, stream.columns || USUAL.columns)}\n`)
      else {
        // The line takes the place of the bars, which are drawn again below it.
        multi.log(`${CLEAR_BELOW}${wrapped(text, stream.columns || USUAL.columns)}\n`)
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
      if (known === undefined && groups.size >= Math.min(SHOWN, (stream.rows || USUAL.rows) - 4)) return
      const shown = known ?? show(create(`  ${group}`, total), finished)
      groups.set(group, shown)
      shown.bar.update(twoDigits(finished), {
        left: timeLeft(finished, total, shown.from, elapsed(shown)),
        bytes: amount(bytes, elapsed(shown)),
        ...(note === '' ? {} : { note }),
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

/** What stands beside a bar. */
type Note = { readonly name: string; readonly left: string; readonly bytes: string; readonly note: string }

const NAME_WIDTH = 32
const BAR_WIDTH = { most: 24, least: 8 }

/**
 * A bar of `columns` at most: first the bar itself gives way, then the note, the bytes, the time left, and the end of the name at last.
 */
export function barLine(
  { name, fraction, count, left, bytes, note }: Note & { readonly fraction: number; readonly count: string },
  columns: number,
): string {
  const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %  ${count}`
  const line = (width: number, more: readonly string[]) => {
    const full = Math.round(fraction * width)
    const named = name.padEnd(NAME_WIDTH)
    const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`
    return `${named} ${bar} ${[percent, ...more.filter((text) => text !== '')].join('  ')}`
  }
  for (const more of [[left, bytes, note], [left, bytes], [left], []]) {
    const free = columns - line(0, more).length
    if (free >= BAR_WIDTH.least) return line(Math.min(BAR_WIDTH.most, free), more)
  }
  return `${name} ${percent}`.length <= columns
    ? `${name} ${percent}`
    : `${name.slice(0, Math.max(0, columns - percent.length - 2))}… ${percent}`.slice(0, columns)
}

/** `1m 5s left`, by what was done in these seconds, from `from` on; nothing before anything was. */
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
  return `${text} left`
}

/** `12.3 MB  4.5 MB/s`, nothing where no bytes are known. */
function amount(bytes: number, seconds: number): string {
  if (bytes === 0) return ''
  const rate = seconds > 0.5 ? `  ${(bytes / 1e6 / seconds).toFixed(1)} MB/s` : ''
  return `${(bytes / 1e6).toFixed(1)} MB${rate}`
}
