/**
 * A few tasks at a time, their results in the order in which they were given.
 */
export interface TaskQueue<T> {
  /** Starts the task, and waits for the oldest one when enough are under way. Throws what that one threw. */
  add(task: () => Promise<T>): Promise<void>
  /** Waits for all. Throws what the first of them threw. */
  end(): Promise<void>
  /** Waits for all, whatever becomes of them. */
  settled(): Promise<void>
}

/** @param onDone sees each result, oldest task first */
export function createTaskQueue<T>(atOnce: number, onDone: (result: T) => void): TaskQueue<T> {
  const running: Promise<T>[] = []
  const next = async () => {
    const oldest = running.shift()
    if (oldest !== undefined) onDone(await oldest)
  }
  return {
    async add(task) {
      const promise = task()
      // Who waits for it hears of its failure; until then it must not pass for one that nobody hears of.
      promise.catch(() => {})
      running.push(promise)
      if (running.length >= atOnce) await next()
    },
    async end() {
      while (running.length > 0) await next()
    },
    async settled() {
      await Promise.allSettled(running)
    },
  }
}
