'use strict'
// Writes the mail into a file of its own and fsyncs it before the 250: what a queue that loses nothing does at least.
const fs = require('node:fs')
const { pipeline } = require('node:stream')
const path = require('node:path')

const folder = process.env.BENCH_QUEUE

exports.hook_queue = function (next, connection) {
  const { transaction } = connection
  const file = fs.createWriteStream(path.join(folder, `${transaction.uuid}.eml`), { flush: true })
  pipeline(transaction.message_stream, file, (error) => (error ? next(DENYSOFT, error.message) : next(OK)))
}
