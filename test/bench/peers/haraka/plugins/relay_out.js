'use strict'
// Relays everything to the port of BENCH_SINK on loopback.
exports.hook_rcpt = function (next, connection) {
  connection.relaying = true
  next(OK)
}

exports.hook_get_mx = function (next) {
  next(OK, { priority: 0, exchange: '127.0.0.1', port: Number(process.env.BENCH_SINK) })
}
