/**
 * What the runner and its workers say to each other.
 */
import type { Manifest, Simulated } from '../datasets/manifest.js'
import type { Task } from '../stages/stage.js'

export type Order = {
  readonly root: string
  readonly task: Task
  readonly fingerprint: string
  readonly made: Manifest['made']
  readonly simulated: Simulated | null
  readonly startedAt: number
  readonly gitCommit: string | null
}

export type ToWorker = Order

export type FromWorker =
  | { readonly type: 'progress'; readonly fraction: number; readonly bytes: number; readonly note: string }
  | { readonly type: 'done'; readonly manifest: Manifest; readonly seconds: number }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string | null; readonly trace: string | null }
