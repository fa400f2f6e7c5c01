/**
 * Lets a source of bytes go on while whoever takes them is busy.
 */

/** Yields what the source yields, up to `limit` bytes ahead of whoever takes it; what it throws, in its place. */
export async function* readAhead(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  const queue: Uint8Array[] = []
  let size = 0
  let end: { readonly error?: unknown } | null = null
  let isStopped = false
  let wakeTaker = () => {}
  let wakeSource = () => {}
  const pump = async () => {
    try {
      for await (const bytes of source) {
        queue.push(bytes)
        size += bytes.length
        wakeTaker()
        while (size >= limit && !isStopped) await new Promise<void>((resolve) => (wakeSource = resolve))
        if (isStopped) break
      }
      end = {}
    } catch (error) {
      end = { error }
    }
    wakeTaker()
  }
  const pumped = pump()
  try {
    for (;;) {
      const bytes = queue.shift()
      if (bytes !== undefined) {
        size -= bytes.length
        wakeSource()
        yield bytes
      } else if (end !== null) {
        if ('error' in end) throw (end as { error: unknown }).error
        return
      } else await new Promise<void>((resolve) => (wakeTaker = resolve))
    }
  } finally {
    isStopped = true
    wakeSource()
    await pumped
  }
}
