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
      format: '{name} {bar} {percentage} %  {value}/{total}  {eta_formatted} left{bytes}',
      clearOnComplete: true,
      forceRedraw: true, // a line may have taken its place
      gracefulExit: false, // signals are the runner's
      hideCursor: true,
      autopadding: true,
      barsize: 24,
      etaBuffer: 50,
      stream,
    },
    progress.Presets.shades_grey,
  )
  const groups = new Map<string, { readonly bar: SingleBar; readonly begun: number }>()
  let current: { readonly name: string; readonly bar: SingleBar } | null = null
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
      current ??= { name, bar: multi.create(total, 0, { name: name.padEnd(28), bytes: '' }) }
      current.bar.setTotal(total)
      current.bar.update(twoDigits(finished))
    },
    group({ group, finished, total, bytes }) {
      const known = groups.get(group)
      if (finished >= total) {
        if (known !== undefined) multi.remove(known.bar)
        groups.delete(group)
        return
      }
      if (known === undefined && groups.size >= SHOWN) return
      const begun = known?.begun ?? performance.now()
      const bar = known?.bar ?? multi.create(total, 0, { name: `  ${group}`.padEnd(28), bytes: '' })
      if (known === undefined) groups.set(group, { bar, begun })
      bar.update(twoDigits(finished), { bytes: amount(bytes, (performance.now() - begun) / 1000) })
    },
    close() {
      removeStage()
      multi.stop()
    },
  }
}

/** `  12.3 MB  4.5 MB/s`, nothing where no bytes are known. */
function amount(bytes: number, seconds: number): string {
  if (bytes === 0) return ''
  const rate = seconds > 0.5 ? `  ${(bytes / 1e6 / seconds).toFixed(1)} MB/s` : ''
  return `  ${(bytes / 1e6).toFixed(1)} MB${rate}`
}
