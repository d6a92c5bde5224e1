import { expect, test } from 'vitest'
import { conversation, parseStep } from './conversation.ts'
import { parseDialogues } from './opensmtpd.ts'
import { recordingListener } from './recording-listener.ts'

test('steps of a conversation', () => {
  expect(parseStep('-> NOOP')).toEqual({ kind: 'send', octets: Buffer.from('NOOP\r\n') })
  expect(parseStep('=> a\\r\\n\\0\\xff\\\\')).toEqual({ kind: 'send', octets: Buffer.from('a\r\n\0\xff\\', 'latin1') })
  expect(parseStep('<- 250 2.1.0 ')).toEqual({ kind: 'expect', begins: '250 2.1.0' })
  expect(parseStep('.. wait 20ms')).toEqual({ kind: 'wait', time: 20 })
  expect(() => parseStep('.. dance')).toThrow('no step')
  expect(() => parseStep('=> \\q')).toThrow('no escape')
})

test('a conversation that goes otherwise fails with its line and what was said', async () => {
  const listener = await recordingListener()
  await expect(conversation(listener.port, '<- 220\n-> NOOP\n<- 500')).rejects.toThrow(
    /line 3: expected 500, got 250 2\.0\.0 Ok\n<- 220/,
  )
  await expect(conversation(listener.port, '<- 220\n-> QUIT\n<- 221\n<- 250')).rejects.toThrow('the server closed')
  await expect(conversation(listener.port, '<- 220\n-> NOOP\n.. wait 50ms\n.. silent 10ms')).rejects.toThrow(
    'expected silence',
  )
  await listener.close(0)
})

test("OpenSMTPD's language", () => {
  const { cases, procs } = parseDialogues(
    '# remark\nproc hi %x {\n writeln "a \\" {b}" # more\n}\ntest-case name "n" expect fail { repeat 2 { call hi } expect smtp permfail }\ntest-case skip {}',
  )
  expect(procs.get('hi')).toEqual({ kind: 'block', statements: [{ kind: 'write', text: 'a " {b}\r\n' }] })
  expect(cases).toEqual([
    {
      name: 'n',
      autoconnect: true,
      expectFail: true,
      skip: false,
      body: {
        kind: 'block',
        statements: [
          { kind: 'repeat', times: 2, statement: { kind: 'block', statements: [{ kind: 'call', text: 'hi' }] } },
          { kind: 'expect', what: 'permfail' },
        ],
      },
    },
    { name: '#2', autoconnect: true, expectFail: false, skip: true, body: { kind: 'block', statements: [] } },
  ])
  expect(() => parseDialogues('test-case { dance }')).toThrow('no statement: dance')
})
