import { forgetPeak, median, memoryOf, say } from './measure.ts'
import { startSender } from './sender.ts'
import { startMailkeep } from './server.ts'

const SIZE = 50 * 1024 * 1024 - 1_024
const MAILS = 10
const TARGET = 16

/** By how much the listener's process grows while a mail of 50 MB comes in: the peak of its resident memory over what it had before. */
export const acceptMemory = async (folder: string): Promise<string[]> => {
  const server = await startMailkeep(folder, { MAILKEEP_ROLES: 'mx' })
  try {
    const send = async (size: number, mails: number): Promise<void> => {
      const sender = await startSender(size)
      const { accepted, refused } = await sender.send({
        port: server.port,
        mails,
        connections: 1,
        perConnection: 100,
        recipient: 'ann@mailkeep.test',
      })
      sender.stop()
      if (accepted !== mails) throw new Error(`not accepted: ${JSON.stringify(refused)}`)
    }
    // Warm: code compiled, pools filled, as in a listener at work.
    await send(4_096, 500)
    const rises: number[] = []
    for (let mail = 0; mail < MAILS; mail++) {
      say(`50 MB mail ${mail + 1} of ${MAILS}`)
      await new Promise((wake) => setTimeout(wake, 500))
      forgetPeak(server.pid)
      const before = memoryOf(server.pid)
      await send(SIZE, 1)
      rises.push(memoryOf(server.pid, 'peak') - before)
    }
    say('')
    const rise = median(rises)
    return [
      `accept, memory: a mail of 50 MB raises the process by ${rise.toFixed(1)} MiB (median of ${MAILS}, most ${Math.max(...rises).toFixed(1)}; target <= ${TARGET}) ${rise <= TARGET ? 'ok' : 'ABOVE'}`,
    ]
  } finally {
    await server.stop()
  }
}
