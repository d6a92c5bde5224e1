import { expect, it } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'
import { formatReply } from '#domain/message/reply'
import { installation } from '#test/dsl/api-installation'
import { relaying, stepsWithin } from '#test/dsl/relaying'
import { HOSTILE_SERVERS, LARGE, STEP_MS, takes, type HostileServer } from '#test/dsl/smtp/hostile-servers'
import { scriptedServer, type ScriptedServer } from '#test/dsl/smtp/scripted-server'

/*
 * Every dialogue against the relay at the same time, each server the MX of a domain of its own: what the trace of the mail says of it, and what
 * a second attempt finds when the server has come to its senses.
 */
const here = installation()
const { start, submitted, events } = relaying(here)
const PATIENCE = { timeout: 40_000, interval: 50 }

interface Played extends HostileServer {
  readonly name: string
  readonly domain: string
  readonly server: ScriptedServer
}

const outcome = (event: MailEvent): event is Extract<MailEvent, { type: 'Delivered' | 'Deferred' | 'Bounced' }> =>
  event.type === 'Delivered' || event.type === 'Deferred' || event.type === 'Bounced'

/** Each server's name with what the trace says of it, as the dialogue has it where that is right. */
const seen = (played: readonly Played[], traces: readonly (readonly MailEvent[])[]): Record<string, unknown> =>
  Object.fromEntries(
    played.map(({ name, domain, remark, server }) => {
      const told = traces.flatMap((trace) =>
        trace.filter(outcome).filter(({ data }) => data.recipient === `x@${domain}`),
      )
      const [first] = told
      if (first === undefined || told.length > 1) return [name, told]
      const { reply, transport } = first.data
      return [
        name,
        {
          comesTo: first.type,
          reply: formatReply(reply),
          uncertain: first.type === 'Deferred' && first.data.cause === 'uncertain',
          taken: server.messages.length,
          ...(remark === undefined ? {} : { remark: transport?.remark }),
        },
      ]
    }),
  )

const wanted = (played: readonly Played[]): Record<string, unknown> =>
  Object.fromEntries(
    played.map(({ name, comesTo, reply, uncertain = false, taken = 0, remark }) => [
      name,
      {
        comesTo,
        reply: expect.stringMatching(reply) as unknown,
        uncertain,
        taken,
        ...(remark === undefined ? {} : { remark: expect.stringMatching(remark) as unknown }),
      },
    ]),
  )

it(
  'whatever a server does, the mail has its true outcome, and what was put off arrives when it can',
  { timeout: 90_000 },
  async () => {
    const played = await Promise.all(
      Object.entries(HOSTILE_SERVERS).map(async ([name, hostile], place): Promise<Played> => {
        return { ...hostile, name, domain: `hostile${place}.test`, server: await scriptedServer(hostile.dialogues) }
      }),
    )
    const zone = Object.fromEntries(
      played.flatMap(({ domain }) => [
        [domain, { MX: [{ priority: 10, exchange: `mx.${domain}` }] }],
        [`mx.${domain}`, { A: ['127.0.0.1'] }],
      ]),
    )
    const ports = Object.fromEntries(played.map(({ domain, server }) => [`mx.${domain}`, server.port]))
    const destinations = Object.fromEntries(
      played.flatMap(({ domain, tls }) => (tls === undefined ? [] : [[domain, { tls }]])),
    )
    await start({ zone, ports, destinations, timeouts: stepsWithin(STEP_MS) })
    const to = (large: boolean): string[] =>
      played.filter((one) => (one.large ?? false) === large).map(({ domain }) => `x@${domain}`)
    const ids = [
      await submitted(to(false)),
      await submitted(to(true), { text: `Subject: large\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(LARGE / 78)}` }),
    ]
    const traces = (): Promise<(readonly MailEvent[])[]> => Promise.all(ids.map(events))
    const withoutOutcome = async (): Promise<string[]> => {
      const told = new Set(
        (await traces())
          .flat()
          .filter(outcome)
          .map(({ data }) => data.recipient),
      )
      return played.flatMap(({ name, domain }) => (told.has(`x@${domain}`) ? [] : [name]))
    }
    await expect.poll(withoutOutcome, PATIENCE).toEqual([])
    expect(seen(played, await traces())).toEqual(wanted(played))

    for (const one of played) one.server.play(takes(one))
    here.api.clock.now += 5 * MINUTE
    const late = played.filter(({ comesTo }) => comesTo === 'Deferred')
    const arrived = async (): Promise<string[]> =>
      (await traces()).flat().flatMap((event) => (event.type === 'Delivered' ? [event.data.recipient] : []))
    await expect.poll(arrived, PATIENCE).toEqual(expect.arrayContaining(late.map(({ domain }) => `x@${domain}`)))
    // Twice only where it had been taken and nothing was said, or a refusal was said.
    expect(Object.fromEntries(late.map(({ name, server }) => [name, server.messages.length]))).toEqual(
      Object.fromEntries(late.map(({ name, taken = 0 }) => [name, taken + 1])),
    )
  },
)
