'use strict'
// Writes the mail into a file of its own and fsyncs it before the 250: what a queue that loses nothing does at least.
const fs = require('node:fs')
const path = require('node:path')

const folder = process.env.BENCH_QUEUE

exports.hook_queue = function (next, connection) {
  const { transaction } = connection
  const file = fs.createWriteStream(path.join(folder, `${transaction.uuid}.eml`), { flush: true })
  let failure = null
  file.once('error', (error) => (failure = error))
  // With `flush` the file is closed when it is synced.
  file.once('close', () => (failure ? next(DENYSOFT, failure.message) : next(OK)))
  transaction.message_stream.pipe(file)
}
