import { performance } from 'node:perf_hooks'
import type { ContentStore } from '#infra/content-store/port'
import type { EventLog } from '#infra/event-log/port'

/** Told how long each took, in milliseconds; what failed is not counted. */
export interface Timings {
  appended(milliseconds: number): void
  put(milliseconds: number): void
}

/** The same log, its appends timed. */
export const timedLog = (log: EventLog, { appended }: Pick<Timings, 'appended'>): EventLog => ({
  shared: log.shared,
  append: async (stream, expected, events) => {
    const began = performance.now()
    const answer = await log.append(stream, expected, events)
    appended(performance.now() - began)
    return answer
  },
  readStream: (stream, options) => log.readStream(stream, options),
  readAll: (after, filter, limit) => log.readAll(after, filter, limit),
  lastPosition: (filter) => log.lastPosition(filter),
  subscribeAll: (after, filter, signal) => log.subscribeAll(after, filter, signal),
  subscribeGroup: (name, filter, options) => log.subscribeGroup(name, filter, options),
  parked: (group, limit) => log.parked(group, limit),
  replayParked: (group, ids) => log.replayParked(group, ids),
  groupStatus: (group) => log.groupStatus(group),
  close: () => log.close(),
})

/** The same store, its puts timed. */
export const timedContent = (content: ContentStore, { put }: Pick<Timings, 'put'>): ContentStore => ({
  put: async (source) => {
    const began = performance.now()
    const stored = await content.put(source)
    put(performance.now() - began)
    return stored
  },
  open: (hash) => content.open(hash),
  read: (hash, maxBytes) => content.read(hash, maxBytes),
  has: (hash) => content.has(hash),
  drop: (hash, putBefore) => content.drop(hash, putBefore),
  list: (after, limit) => content.list(after, limit),
  close: () => content.close(),
})
