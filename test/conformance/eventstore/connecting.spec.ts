import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeSelfSigned } from '#infra/config/self-signed'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import type { DoubleOptions } from '#test/dsl/eventstore-double/server'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { temporaryFolder } from '#test/dsl/temporary'
import { contractCodec, ids, opening } from '../../contract/event-log/fixture.ts'

const serve = async (options: DoubleOptions = {}) => {
  const server = await startEventStore(options)
  onTestFinished(() => server.close())
  return server
}

const open = async (connectionString: string) => {
  const log = await openEventStoreLog({ connectionString, codec: contractCodec, patienceMs: 500 })
  onTestFinished(() => log.close())
  return log
}

const secured = async () => {
  const day = 86_400_000
  const tls = makeSelfSigned({
    commonName: 'localhost',
    altNames: ['localhost'],
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
  })
  const authority = join(await temporaryFolder(), 'ca.pem')
  await writeFile(authority, tls.cert)
  const server = await serve({ tls, credentials: { username: 'admin', password: 'changeit' } })
  return (user: string) => `esdb://${user}@localhost:${server.port}?tlsCAFile=${authority}`
}

it('connects over TLS with the authority and the user of the connection string', async () => {
  const address = await secured()
  const log = await open(address('admin:changeit'))
  const event = opening()
  await log.append('tls-1', 'noStream', [event])
  expect(ids(await log.readStream('tls-1'))).toEqual([event.id])
  const group = await log.subscribeGroup('tls', { categories: ['tls'] })
  for await (const delivery of group) {
    expect(delivery.event.id).toBe(event.id)
    delivery.ack()
    break
  }
})

it('says that the user is refused, and what the user must be', async () => {
  const address = await secured()
  await expect(open(address('admin:wrong'))).rejects.toMatchObject({ name: 'LogUnavailable', why: 'other' })
  await expect(open(address('admin:wrong'))).rejects.toThrow(/eventstore\.url.*\$admins/u)
})

it('finds the leader by gossip', async () => {
  const server = await serve()
  for (const address of [
    `esdb+discover://127.0.0.1:${server.port}?tls=false`,
    `esdb://127.0.0.1:${server.port},127.0.0.1:${server.port}?tls=false`,
  ]) {
    const log = await open(address)
    await log.append(`gossip-${address.length}`, 'noStream', [opening()])
  }
  const log = await open(server.connectionString)
  expect((await log.readAll(null, { categories: ['gossip'] }, 10)).events).toHaveLength(2)
})

it('takes the server by its new name', async () => {
  const server = await serve()
  const log = await open(server.connectionString.replace('esdb:', 'kurrentdb:'))
  expect(await log.lastPosition()).toBeNull()
})

it('says when nobody is there', async () => {
  const server = await serve()
  await server.goAway()
  await expect(open(server.connectionString)).rejects.toMatchObject({ name: 'LogUnavailable', why: 'unreachable' })
})

it('refuses what is no connection string', async () => {
  await expect(open('http://localhost')).rejects.toThrow('esdb')
})
