'use strict'
exports.hook_rcpt = function (next, _connection, [recipient]) {
  return recipient.host === 'mailkeep.test' ? next(OK) : next()
}
