import { syncFolder } from '#infra/config/durable-file'

/** Makes what was renamed into a folder durable. Those who ask while a sync is under way share the next one. */
export class FolderSync {
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #next = new Map<string, Promise<void>>()

  /** What was in the folder before the call is durable when the promise resolves. */
  sync(path: string): Promise<void> {
    const underWay = this.#underWay.get(path)
    if (underWay === undefined) return this.#begin(path)
    // It may have begun before the rename: only one that begins later counts.
    let next = this.#next.get(path)
    if (next === undefined) {
      const begin = (): Promise<void> => {
        this.#next.delete(path)
        return this.#begin(path)
      }
      next = underWay.then(begin, begin)
      this.#next.set(path, next)
    }
    return next
  }

  #begin(path: string): Promise<void> {
    const running = syncFolder(path).finally(() => {
      if (this.#underWay.get(path) === running) this.#underWay.delete(path)
    })
    this.#underWay.set(path, running)
    return running
  }
}
