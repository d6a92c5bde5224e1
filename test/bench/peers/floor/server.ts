import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { SMTPServer } from 'smtp-server'

/*
 * The floor of `npm run bench -- accept`: bare smtp-server, and one insert per mail into SQLite (WAL, synchronous=FULL), where the mails
 * that came in during one turn of the event loop share a commit. A mail is answered when its commit is done. Argument: the database.
 */
const database = new DatabaseSync(process.argv[2] ?? ':memory:')
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE mails (id INTEGER PRIMARY KEY, sender TEXT, recipients TEXT, content BLOB)',
)
const insert = database.prepare('INSERT INTO mails (sender, recipients, content) VALUES (?, ?, ?)')

interface Waiting {
  readonly sender: string
  readonly recipients: string
  readonly content: Buffer
  readonly done: (error: Error | null, text?: string) => void
}
let waiting: Waiting[] = []

const commit = (): void => {
  const group = waiting
  waiting = []
  database.exec('BEGIN')
  for (const { sender, recipients, content } of group) insert.run(sender, recipients, content)
  database.exec('COMMIT')
  for (const { done } of group) done(null, 'Ok: kept')
}

const server = new SMTPServer({
  disableReverseLookup: true,
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  logger: false,
  onData(stream, session, callback) {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope
      waiting.push({
        sender: mailFrom === false ? '' : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address).join(),
        content: Buffer.concat(chunks),
        done: callback,
      })
      if (waiting.length === 1) setImmediate(commit)
    })
  },
})
server.listen(0, '127.0.0.1')
await once(server.server, 'listening')
const bound = server.server.address()
process.stdout.write(`listening ${typeof bound === 'object' ? bound?.port : ''}\n`)
