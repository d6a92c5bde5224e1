import { expect, it } from 'vitest'
import { NotAsked, Questions } from './questions.ts'

const bounds = { deadline: 5_000, atATime: 2 }

/** Questions that are answered when the spec says so. */
const asking = () => {
  const open = new Map<string, (answer: string) => void>()
  const ask = (what: string) => () => new Promise<string>((resolve) => open.set(what, resolve))
  return { open, ask }
}
const turns = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

it('asks the same once at a time, and anew afterwards', async () => {
  const questions = new Questions<string>()
  const { open, ask } = asking()
  const both = [questions.ask('one', 'a', bounds, ask('first')), questions.ask('one', 'a', bounds, ask('second'))]
  open.get('first')?.('known')
  expect(await Promise.all(both)).toEqual(['known', 'known'])
  expect(open.has('second')).toBe(false)
  const again = questions.ask('one', 'a', bounds, ask('third'))
  open.get('third')?.('gone')
  expect(await again).toBe('gone')
})

it('asks each source so many at a time, in order, whatever becomes of the questions before', async () => {
  const questions = new Questions<string>()
  const { open, ask } = asking()
  const failing = questions.ask('one', 'a', bounds, () => Promise.reject(new Error('broken')))
  const answers = ['b', 'c', 'd'].map((what) => questions.ask('one', what, bounds, ask(what)))
  await expect(failing).rejects.toThrow('broken')
  await turns()
  expect([...open.keys()]).toEqual(['b', 'c'])
  const other = questions.ask('other', 'e', bounds, ask('e'))
  expect(open.has('e')).toBe(true)
  open.get('b')?.('b')
  await turns()
  expect(open.has('d')).toBe(true)
  for (const [what, answer] of open) answer(what)
  expect(await Promise.all([...answers, other])).toEqual(['b', 'c', 'd', 'e'])
})

it('waits no longer than its deadline, in line or for an answer', async () => {
  const questions = new Questions<string>()
  const never = () => new Promise<string>(() => {})
  const short = { deadline: 20, atATime: 1 }
  const [asked, inLine] = [questions.ask('one', 'a', short, never), questions.ask('one', 'b', short, never)]
  await expect(asked).rejects.toThrow(NotAsked)
  await expect(inLine).rejects.toThrow(NotAsked)
  expect(await questions.ask('one', 'c', short, async () => 'free again')).toBe('free again')
})
