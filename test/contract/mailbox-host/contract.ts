import { describe, expect, it } from 'vitest'
import type { MailboxDelivery, MailboxHost } from '#infra/mailbox-host/port'

export interface MailboxUnderTest {
  readonly host: MailboxHost
  /** Everything that lies in a mailbox, read or not. */
  contents(mailbox: string): Promise<readonly string[]>
  /** What a mail client does when its user has seen everything. */
  markAllRead(mailbox: string): Promise<void>
}

export interface ContractOptions {
  /** It sees what an earlier attempt left. */
  readonly seesRepeats: boolean
  /** What it adds to a message whose last line has no end. */
  readonly lastLineEnd: string
  /** It takes local parts that need quotes, and those beyond ASCII. Default true. */
  readonly strangeNames?: boolean
}

export const delivery = (text: string, changes: Partial<MailboxDelivery> = {}): MailboxDelivery => ({
  deliveryId: '1795000000.01KXYZ_abc',
  mailbox: 'ann@example.org',
  reversePath: 'cara@outside.example',
  repeat: false,
  size: text.length,
  async *open() {
    yield Buffer.from(text.slice(0, 10))
    yield Buffer.from(text.slice(10))
  },
  ...changes,
})

/** What every mailbox host keeps (infra/mailbox-host/port.ts). */
export const mailboxHostContract = (
  name: string,
  open: () => Promise<MailboxUnderTest>,
  { seesRepeats, lastLineEnd, strangeNames = true }: ContractOptions,
): void => {
  describe(`${name} as a mailbox host`, () => {
    it('writes the bytes it was given', async () => {
      const { host, contents } = await open()
      const text = 'Subject: x\r\n\r\nline\r\n.dot\r\nno end'
      expect((await host.deliver(delivery(text))).reply.code).toBe(250)
      expect(await contents('ann@example.org')).toEqual([text + lastLineEnd])
    })

    it.runIf(seesRepeats)('finds what an earlier attempt left, unread or read, and adds nothing', async () => {
      const { host, contents, markAllRead } = await open()
      await host.deliver(delivery('one'))
      expect((await host.deliver(delivery('one', { repeat: true }))).reply.code).toBe(250)
      expect(await contents('ann@example.org')).toHaveLength(1)
      await markAllRead('ann@example.org')
      expect((await host.deliver(delivery('one', { repeat: true }))).reply.code).toBe(250)
      expect(await contents('ann@example.org')).toHaveLength(1)
    })

    it('delivers at least once when it is asked again', async () => {
      const { host, contents } = await open()
      await host.deliver(delivery('one'))
      const { reply, uncertain } = await host.deliver(delivery('one', { repeat: true }))
      expect(reply.code).toBe(250)
      expect(uncertain).toBe(false)
      expect((await contents('ann@example.org')).length).toBeGreaterThanOrEqual(1)
    })

    it('takes mail from nobody (<>)', async () => {
      const { host, contents } = await open()
      expect((await host.deliver(delivery('x\r\n', { reversePath: null }))).reply.code).toBe(250)
      expect(await contents('ann@example.org')).toEqual(['x\r\n'])
    })

    it('takes a large message in pieces', async () => {
      const { host, contents } = await open()
      const line = '.'.concat('x'.repeat(75), '\r\n')
      const large = delivery('', {
        async *open() {
          yield Buffer.from('Subject: large\r\n\r\n')
          for (let piece = 0; piece < 400; piece++) yield Buffer.from(line.repeat(100))
        },
      })
      expect((await host.deliver(large)).reply.code).toBe(250)
      expect((await contents('ann@example.org')).map((text) => text.length)).toEqual([18 + 400 * 100 * line.length])
    })

    it('says who replied', async () => {
      const { host } = await open()
      expect((await host.deliver(delivery('one'))).host).toBe(host.name)
    })

    it('keeps mailboxes apart, whatever their names', async () => {
      const { host, contents } = await open()
      const strange = ['a/../b@example.org', '..@example.org', '.hidden@example.org', 'ä@example.org']
      const names = ['ann@example.org', 'b@example.org', ...(strangeNames ? strange : [])]
      for (const [index, mailbox] of names.entries())
        expect((await host.deliver(delivery(mailbox, { mailbox, deliveryId: `1.${index}` }))).reply.code).toBe(250)
      for (const mailbox of names) expect(await contents(mailbox)).toEqual([mailbox + lastLineEnd])
    })

    it('answers a transient reply when the message can not be read, and leaves nothing behind', async () => {
      const { host, contents } = await open()
      const { reply, away, uncertain } = await host.deliver(
        delivery('', {
          async *open() {
            yield Buffer.from('half')
            throw new Error('the store is away')
          },
        }),
      )
      expect(reply.code).toBeGreaterThanOrEqual(400)
      expect(reply.code).toBeLessThan(500)
      expect({ away, uncertain }).toEqual({ away: false, uncertain: false })
      expect(await contents('ann@example.org')).toEqual([])
    })
  })
}
