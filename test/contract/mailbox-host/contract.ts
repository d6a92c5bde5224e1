import { describe, expect, it } from 'vitest'
import type { MailboxDelivery, MailboxHost } from '#infra/mailbox-host/port'

export interface MailboxUnderTest {
  readonly host: MailboxHost
  /** Everything that lies in a mailbox, read or not. */
  contents(mailbox: string): Promise<readonly string[]>
  /** What a mail client does when its user has seen everything. */
  markAllRead(mailbox: string): Promise<void>
}

export const delivery = (text: string, changes: Partial<MailboxDelivery> = {}): MailboxDelivery => ({
  deliveryId: '1795000000.01KXYZ_abc',
  mailbox: 'ann@example.org',
  reversePath: 'cara@outside.example',
  repeat: false,
  async *open() {
    yield Buffer.from(text.slice(0, 10))
    yield Buffer.from(text.slice(10))
  },
  ...changes,
})

/** What every mailbox host keeps (infra/mailbox-host/port.ts). */
export const mailboxHostContract = (name: string, open: () => Promise<MailboxUnderTest>): void => {
  describe(`${name} as a mailbox host`, () => {
    it('writes the bytes it was given', async () => {
      const { host, contents } = await open()
      const text = 'Subject: x\r\n\r\nline\r\n.dot\r\nno end'
      expect((await host.deliver(delivery(text))).code).toBe(250)
      expect(await contents('ann@example.org')).toEqual([text])
    })

    it('finds what an earlier attempt left, unread or read, and adds nothing', async () => {
      const { host, contents, markAllRead } = await open()
      await host.deliver(delivery('one'))
      expect((await host.deliver(delivery('one', { repeat: true }))).code).toBe(250)
      expect(await contents('ann@example.org')).toHaveLength(1)
      await markAllRead('ann@example.org')
      expect((await host.deliver(delivery('one', { repeat: true }))).code).toBe(250)
      expect(await contents('ann@example.org')).toHaveLength(1)
    })

    it('keeps mailboxes apart, whatever their names', async () => {
      const { host, contents } = await open()
      const names = ['a/../b@example.org', '..@example.org', 'b@example.org', '.hidden@example.org', 'ä@example.org']
      for (const [index, mailbox] of names.entries())
        expect((await host.deliver(delivery(mailbox, { mailbox, deliveryId: `1.${index}` }))).code).toBe(250)
      for (const mailbox of names) expect(await contents(mailbox)).toEqual([mailbox])
    })

    it('answers a transient reply when the message can not be read, and leaves nothing behind', async () => {
      const { host, contents } = await open()
      const reply = await host.deliver(
        delivery('', {
          async *open() {
            yield Buffer.from('half')
            throw new Error('the store is away')
          },
        }),
      )
      expect(reply.code).toBeGreaterThanOrEqual(400)
      expect(reply.code).toBeLessThan(500)
      expect(await contents('ann@example.org')).toEqual([])
    })
  })
}
