import { expect, it } from 'vitest'
import type { ProjectorStatus } from '#apps/projector/projector'
import { Readiness } from './readiness.ts'

const view = (name: string, state: 'live' | 'catching-up' | 'rebuilding' | 'stopped') => ({
  name,
  version: 1,
  state,
  checkpoint: null,
  events: 0,
  lag: { events: 0, ms: 0 },
  stopped: null,
  rebuild: null,
})
const running = (...views: ProjectorStatus['views']) => ({ thread: 'running', trouble: null, views }) as const

it('is complete when every listener is up and every view has caught up', () => {
  const readiness = new Readiness()
  expect(readiness.problems(running(view('quarantine', 'live')))).toEqual([])
})

it('names what is missing', () => {
  const readiness = new Readiness()
  readiness.awaits('mx', '127.0.0.1:2525')
  const { problems } = { problems: readiness.problems(running(view('a', 'live'), view('b', 'catching-up'))) }
  expect(problems).toEqual(['mx does not listen on 127.0.0.1:2525 yet', 'views that have not caught up: b'])
  readiness.isUp('mx')
  expect(readiness.problems(running(view('a', 'live'), view('b', 'rebuilding')))).toEqual([
    'views that have not caught up: b',
  ])
  expect(readiness.problems({ thread: 'restarting', trouble: 'it died', views: [] })).toEqual([
    'the projector is restarting: it died',
  ])
  expect(readiness.problems({ ...running(view('a', 'live')), trouble: 'the log is away' })).toEqual([
    'the projector: the log is away',
  ])
})

it('is over when Mailkeep stops', () => {
  const readiness = new Readiness()
  readiness.stops()
  expect(readiness.problems(running(view('a', 'live')))).toEqual(['Mailkeep is stopping'])
})
