import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { SubscriptionBatch } from '#infra/event-log/port'
import { closing, counting, opening } from '#test/contract/event-log/fixture'
import { logFile, openLog, openReader, temporaryFolder } from '#test/contract/event-log/sqlite-folder'

const sqlite = (path: string, sql: string): void => {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

const eventTypesOf = (next: IteratorResult<SubscriptionBatch, unknown>): string[] =>
  next.done === true ? [] : next.value.events.map(({ type }) => type)

describe('opening a log', () => {
  it('makes the folder and says where it begins', async () => {
    const log = await openLog(logFile(temporaryFolder()))
    expect(await log.lastPosition()).toBeNull()
    expect(await log.readAll(null, {}, 10)).toEqual({ events: [], position: null, caughtUp: true })
    await expect(log.append('mail-1', 'noStream', [opening()])).resolves.toEqual({
      revision: 0,
      position: '00000000000000000001',
    })
  })

  it('refuses a second server on the same folder, naming the first', async () => {
    const path = logFile(temporaryFolder())
    await openLog(path)
    await expect(openLog(path)).rejects.toMatchObject({ name: 'LogUnavailable', why: 'locked' })
    await expect(openLog(path)).rejects.toThrow(`in use by process ${process.pid}`)
  })

  it('gives the folder free when it closes', async () => {
    const path = logFile(temporaryFolder())
    const first = await openLog(path)
    await first.append('mail-1', 'noStream', [opening()])
    await first.close()
    const second = await openLog(path)
    expect(await second.readStream('mail-1')).toHaveLength(1)
  })

  it('gives the folder free when its process is killed, with nothing to clean up', async () => {
    const path = logFile(temporaryFolder())
    const log = await openLog(path)
    await log.append('mail-1', 'noStream', [opening()])
    await log.close()
    const script = `
      const { DatabaseSync } = require('node:sqlite')
      const lock = new DatabaseSync(${JSON.stringify(`${path}.lock`)})
      lock.exec('BEGIN EXCLUSIVE')
      process.kill(process.pid, 'SIGKILL')`
    expect(() => execFileSync(process.execPath, ['-e', script], { stdio: 'pipe' })).toThrow('Command failed')
    expect(await (await openLog(path)).readStream('mail-1')).toHaveLength(1)
  })

  it('leaves one file, its lock and the name of its holder when it closes', async () => {
    const path = logFile(temporaryFolder())
    const log = await openLog(path)
    await log.append('mail-1', 'noStream', [opening()])
    await log.close()
    expect(readdirSync(dirname(path)).toSorted()).toEqual(['events.db', 'events.db.lock', 'events.db.pid'])
  })

  it('refuses a log of a newer Mailkeep', async () => {
    const path = logFile(temporaryFolder())
    await (await openLog(path)).close()
    sqlite(path, 'PRAGMA user_version = 99')
    await expect(openLog(path)).rejects.toThrow(
      'schema version 99, this build knows 1: it was written by a newer Mailkeep',
    )
  })

  it('refuses a file that is no log, and leaves it alone', async () => {
    const path = join(temporaryFolder(), 'other.db')
    sqlite(path, 'CREATE TABLE other (id INTEGER)')
    await expect(openLog(path)).rejects.toThrow('not an event log of Mailkeep')
    const text = join(temporaryFolder(), 'text.db')
    writeFileSync(text, 'this is not a database at all, but long enough to be one '.repeat(100))
    await expect(openLog(text)).rejects.toMatchObject({ why: 'corrupt' })
  })

  it('refuses a path that is a folder', async () => {
    const path = join(temporaryFolder(), 'events.db')
    mkdirSync(path)
    await expect(openLog(path)).rejects.toMatchObject({ name: 'LogUnavailable' })
  })
})

describe('a reader in another place', () => {
  it('needs a log', () => {
    expect(() => openReader(logFile(temporaryFolder()))).toThrow('there is no event log')
  })

  it('reads beside the writer and is woken by its commits', async () => {
    const path = logFile(temporaryFolder())
    const log = await openLog(path)
    await log.append('mail-1', 'noStream', [opening()])
    const reader = openReader(path)
    expect(await reader.readStream('mail-1')).toEqual(await log.readStream('mail-1'))
    const stop = new AbortController()
    const batches = reader.subscribeAll(null, {}, stop.signal)[Symbol.asyncIterator]()
    expect((await batches.next()).value?.events).toHaveLength(1)
    const live = batches.next()
    await log.append('mail-1', 0, [counting(1), closing()])
    expect(eventTypesOf(await live)).toEqual(['Counted', 'Closed'])
    expect(await reader.lastPosition({ types: ['Counted'] })).toBe('00000000000000000002')
    stop.abort()
    await batches.next()
  })
})
