import { describe, expect, it } from 'vitest'
import { blockedAttachments, DEFAULT_ATTACHMENT_POLICY } from '#domain/scoring/attachments'
import type { AttachmentFact } from '#domain/scoring/attachments'
import { contentReader } from '#infra/content-scan/reader'
import { mimeSuite } from './suites.ts'

const suite = mimeSuite('hide-filename')
const read = contentReader()

function attachments(bytes: Buffer): readonly AttachmentFact[] {
  const reading = read(bytes)
  for (const part of reading.parts) expect(part.path).toBeTypeOf('string')
  return reading.attachments
}

describe.skipIf(suite === null)('file names hidden by broken MIME', () => {
  // two of level 3 are the counter-test: their attachment is plainly named file.png
  const named = suite?.filter((mail) => !/^fname-c(?:disp|type)\.png$/.test(mail.id)) ?? []

  it('has the whole suite: 176 mails, 174 of which name a file.zip', () => {
    expect(suite).toHaveLength(176)
    expect(named).toHaveLength(174)
  })

  it('finds file.zip among the names of all 174', () => {
    const missed = named.filter((mail) => !attachments(mail.bytes).some((one) => one.names.includes('file.zip')))
    expect(missed.map((mail) => `[${mail.level}] ${mail.id}`)).toEqual([])
  })

  it('lets none of the 174 past a policy that blocks .zip, and the two file.png', () => {
    const policy = { ...DEFAULT_ATTACHMENT_POLICY, blockedExtensions: ['zip'] }
    const blocked = suite!.filter((mail) => blockedAttachments(attachments(mail.bytes), policy).length > 0)
    expect(blocked.map((mail) => mail.id).sort()).toEqual(named.map((mail) => mail.id).sort())
  })
})
