import { expect, it } from 'vitest'
import { ROLES } from '#infra/config/settings'
import { projections } from '#apps/projector/projections'
import { neededViews } from './needed-views.ts'

it('keeps every view where everything runs, or where views are shown', () => {
  expect(neededViews(ROLES)).toBeUndefined()
  expect(neededViews(['mx', 'api'])).toBeUndefined()
})

it('keeps only what the listener reads in a process that only listens, by names that there are', () => {
  expect(neededViews(['mx'])).toEqual(['directory', 'inspection-queue'])
  const known = projections.map(({ name }) => name)
  expect(neededViews(['mx', 'inspector', 'courier'])?.filter((name) => !known.includes(name))).toEqual([])
})
