import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import type { PolicyCommand } from './commands.ts'
import { policyDecider } from './decider.ts'
import { policyDocument, policySchemas } from './documents.ts'
import type { PolicyName } from './events.ts'

const set = (document: Record<string, unknown>, changes: Partial<PolicyCommand> = {}): PolicyCommand => ({
  kind: 'set-policy',
  name: 'inspection',
  document,
  reason: 'because',
  ...changes,
})

describe('a policy', () => {
  it('gets a version with the whole document, defaults written out', () => {
    const events = story(policyDecider, [set({ threshold: 7 })])
    expect(events).toEqual([
      {
        type: 'PolicySet',
        data: {
          name: 'inspection',
          version: 1,
          document: policySchemas.inspection.parse({ threshold: 7 }),
          reason: 'because',
        },
      },
    ])
    const { version, document } = fold(policyDecider, events)
    expect(version).toBe(1)
    expect(policyDocument('inspection', document).threshold).toBe(7)
    given(policyDecider, events)
      .when(set({ threshold: 8 }))
      .thenTypes(['PolicySet'])
  })

  it('that is in force already is no new version, however it is written', () => {
    given(policyDecider, []).when(set({})).thenNothing()
    const events = story(policyDecider, [set({ threshold: 7, parallel: 4 })])
    given(policyDecider, events)
      .when(set({ parallel: 4, threshold: 7 }))
      .thenNothing()
  })

  it('names every problem with its path', () => {
    given(policyDecider, [])
      .when(set({ threshold: 0, scan: { retryDelays: [-1] }, treshold: 1 }))
      .thenDeclined('invalid', /threshold:.*scan\.retryDelays\.0:.*inspection:.*treshold/)
    given(policyDecider, [])
      .when(set({ exemptNetworks: ['10.0.0.0/8', '10.0.0.0/99'] }, { name: 'edge' }))
      .thenDeclined('invalid', /exemptNetworks\.1: a network/)
  })

  it('is set on top of the version its author saw', () => {
    const events = story(policyDecider, [set({ threshold: 7 })])
    given(policyDecider, events)
      .when(set({ threshold: 8 }, { expectedVersion: 0 }))
      .thenDeclined('conflict', /version 1/)
    given(policyDecider, events)
      .when(set({ threshold: 8 }, { expectedVersion: 1 }))
      .thenTypes(['PolicySet'])
  })

  it.each(Object.keys(policySchemas) as PolicyName[])('%s has defaults that parse to themselves', (name) => {
    const defaults = policyDocument(name, {})
    expect(policyDocument(name, defaults)).toEqual(defaults)
  })
})
