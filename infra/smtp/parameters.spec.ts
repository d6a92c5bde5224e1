import { describe, expect, test } from 'vitest'
import { mailParameters, rcptParameters } from './parameters.ts'

const mx = { dsn: false, auth: false }
const submission = { dsn: true, auth: true }

describe('parameters of MAIL', () => {
  test('are read in any case and order', () => {
    expect(mailParameters('', mx)).toEqual({ size: null, body: '7BIT', smtputf8: false })
    expect(mailParameters(' smtputf8  body=8bitmime Size=12 ', mx)).toEqual({
      size: 12,
      body: '8BITMIME',
      smtputf8: true,
    })
    expect(mailParameters(' RET=full ENVID=QQ+3D1 AUTH=<>', submission)).toEqual({
      size: null,
      body: '7BIT',
      smtputf8: false,
      ret: 'FULL',
      envid: 'QQ+3D1',
    })
  })

  test.each([
    ' SIZE',
    ' SIZE=',
    ' SIZE=1e3',
    ' SIZE=-1',
    ` SIZE=${'1'.repeat(21)}`,
    ' BODY=BINARY',
    ' SMTPUTF8=yes',
    ' SIZE=1 size=2',
    ' =x',
    ' S IZE=1=2',
    ' RET=SOME',
    ' ENVID=a+0d',
    ' ENVID=a+',
    ' SIZE=1\t2',
  ])('refuse %j', (text) => {
    expect(() => mailParameters(text, submission)).toThrow(/^5(?:01|55) 5\.5\.4/)
  })

  test('that are not offered are 555, with their name', () => {
    for (const text of [' X-FOO=1', ' RET=FULL', ' ENVID=1', ' AUTH=<>', ' MT-PRIORITY=3', ' REQUIRETLS'])
      expect(() => mailParameters(text, mx)).toThrow(/^555 5\.5\.4 Parameter \S+ is not offered/)
  })
})

describe('parameters of RCPT', () => {
  test('are those of DSN, where offered', () => {
    expect(rcptParameters(' NOTIFY=success,FAILURE ORCPT=rfc822;a@b.test', submission)).toEqual({
      notify: ['SUCCESS', 'FAILURE'],
      orcpt: 'rfc822;a@b.test',
    })
    expect(rcptParameters('', mx)).toEqual({})
  })

  test.each([
    ' NOTIFY=',
    ' NOTIFY=NEVER,DELAY',
    ' NOTIFY=LATER',
    ' ORCPT=a@b.test',
    ' SIZE=1',
    ' NOTIFY=NEVER NOTIFY=NEVER',
  ])('refuse %j', (text) => {
    expect(() => rcptParameters(text, submission)).toThrow(/^5(?:01|55) 5\.5\.4/)
  })

  test('are unknown where DSN is not offered', () => {
    expect(() => rcptParameters(' NOTIFY=NEVER', mx)).toThrow('555 5.5.4')
  })
})
