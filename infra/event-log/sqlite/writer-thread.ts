import type { MessagePort } from 'node:worker_threads'
import { BroadcastChannel, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openForWriting } from './database.ts'
import type { Failure } from './failure.ts'
import { failureOf } from './failure.ts'
import { GroupStore } from './group-store.ts'
import { Outcomes } from './outcomes.ts'
import type { FromWriter, ToWriter, WriterSettings } from './protocol.ts'
import { ANSWERED, PROMISED, SENT } from './protocol.ts'
import { Writer } from './writer.ts'

/** Messages that may share a transaction: bounds how long the first of them waits. */
const MESSAGES_PER_COMMIT = 64

/** Milliseconds to wait for a message that was promised: longer, and the disk could have been busy. */
const PROMISE_WAIT = 2

/**
 * The only thread that writes. Whatever has arrived while the last commit was under way goes into the next one together:
 * one transaction, one fsync, then all answers.
 */
const serve = (port: MessagePort, settings: WriterSettings): void => {
  const { database, heads, release } = openForWriting(settings.path)
  const writer = new Writer(database)
  const groups = new GroupStore(database)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const end = database.prepare('COMMIT')
  const commits = new BroadcastChannel(settings.channel)
  commits.unref()

  const signals = new Int32Array(settings.signals)
  const outcomes = new Outcomes(settings.outcomes)

  /** What has arrived; waits for it a moment when it was promised. */
  const following = (): ToWriter | undefined => {
    // In this order: a promise is taken back only after what was promised is there.
    const promised = Atomics.load(signals, PROMISED) === 1
    const seen = Atomics.load(signals, SENT)
    const next = received(port)
    if (next !== undefined || !promised) return next
    Atomics.wait(signals, SENT, seen, PROMISE_WAIT)
    return received(port)
  }

  /** What is to be answered by a message; appends answer by their outcomes. */
  const apply = (message: Exclude<ToWriter, { kind: 'close' }>): FromWriter | undefined => {
    switch (message.kind) {
      case 'append':
        writer.append(message.fields, outcomes, message.slot)
        return undefined
      case 'group':
        groups.apply(message.change)
        return { kind: 'done', changed: 1 }
      case 'replay':
        return { kind: 'done', changed: groups.replay(message.group, message.eventIds) }
    }
  }

  const answered = (appends: number): void => {
    if (appends === 0) return
    Atomics.add(signals, ANSWERED, appends)
    Atomics.notify(signals, ANSWERED)
  }

  const fail = (messages: readonly ToWriter[], failure: Failure): void => {
    const appends = messages.filter((message) => message.kind === 'append')
    for (const { slot } of appends) outcomes.fail(slot)
    answered(appends.length)
    for (const { kind } of messages)
      port.postMessage({ kind: 'failed', failure, append: kind === 'append' } satisfies FromWriter, [])
  }

  /** Answers whether to go on. */
  const commit = (first: ToWriter): boolean => {
    const taken: ToWriter[] = []
    const answers: FromWriter[] = []
    const before = writer.head
    let next: ToWriter | undefined = first
    let failure: Failure | undefined
    for (; next !== undefined && next.kind !== 'close'; next = following()) {
      taken.push(next)
      if (failure === undefined) {
        try {
          if (taken.length === 1) begin.run()
          const answer = apply(next)
          if (answer !== undefined) answers.push(answer)
        } catch (error) {
          failure = failureOf(error, settings.path)
        }
      }
      if (taken.length === MESSAGES_PER_COMMIT) break
    }
    if (failure === undefined && taken.length > 0) {
      try {
        end.run()
      } catch (error) {
        failure = failureOf(error, settings.path)
      }
    }
    if (failure === undefined) {
      answered(taken.length - answers.length)
      for (const answer of answers) port.postMessage(answer, [])
      if (writer.head > before) announce(commits, writer.head)
    } else {
      undo()
      fail(taken, failure)
    }
    if (next?.kind !== 'close') return true
    close()
    return false
  }

  const undo = (): void => {
    try {
      if (database.isTransaction) database.exec('ROLLBACK')
      writer.forget()
    } catch (error) {
      // Memory can't be trusted without the disk: end here, loudly; the other side reports it for every append from now on.
      throw new Error(`the event log ${settings.path} can't be rolled back`, { cause: error })
    }
  }

  const close = (): void => {
    commits.close()
    database.close()
    release()
    port.postMessage({ kind: 'closed' } satisfies FromWriter, [])
    port.close()
  }

  port.postMessage({ kind: 'opened', head: writer.head, heads } satisfies FromWriter, [])
  // Sleeping on shared memory halves the way there and back against an event loop; this thread has nothing else to do.
  for (let seen = 0; ;) {
    Atomics.wait(signals, SENT, seen)
    seen = Atomics.load(signals, SENT)
    for (let next = received(port); next !== undefined; next = received(port)) if (!commit(next)) return
  }
}

// BroadcastChannel has no targets; the rule takes it for a window.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const announce = (commits: BroadcastChannel, head: number): void => commits.postMessage(head)

const received = (port: MessagePort): ToWriter | undefined => {
  const next: { message: ToWriter } | undefined = receiveMessageOnPort(port)
  return next?.message
}

if (parentPort === null) throw new Error('writer-thread.ts runs in a worker thread')
const settings: WriterSettings = workerData
try {
  serve(parentPort, settings)
} catch (error) {
  parentPort.postMessage(
    { kind: 'failed', failure: failureOf(error, settings.path), append: false } satisfies FromWriter,
    [],
  )
  parentPort.close()
}
