const LANES = 8

/** Works on all of them, a few at a time; begins no more once it is to stop. */
export const inLanes = async <Item>(
  items: readonly Item[],
  stopping: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const waiting = items.values()
  const lane = async (): Promise<void> => {
    for (const item of waiting) {
      if (stopping.aborted) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
