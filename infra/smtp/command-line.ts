import { isAscii, isUtf8 } from 'node:buffer'
import type { LineFault } from './input.ts'
import { limitRefusal, protocolRefusal, type ProtocolRefusal } from './refusals.ts'

export interface Command {
  /** Upper case. */
  readonly verb: string
  /** What follows the verb, without white space around it. */
  readonly argument: string
}

const http = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) .{0,4000} ?HTTP\/\d/i
/** Verbs of RFC 5321 and its relatives that are known and not offered. */
const unoffered = new Set([
  'EXPN',
  'BDAT',
  'TURN',
  'ETRN',
  'ATRN',
  'SEND',
  'SOML',
  'SAML',
  'BURL',
  'XCLIENT',
  'XFORWARD',
])

/** @throws ProtocolRefusal for what no verb may bring along */
export const parseCommand = (line: Buffer, fault: LineFault | null, limit: number): Command => {
  if (fault !== null) throw faulty(fault, limit)
  const international = !isAscii(line)
  if (international && !isUtf8(line)) throw protocolRefusal(500, '5.5.2', 'The command is neither US-ASCII nor UTF-8')
  const text = international ? line.toString('utf8') : line.toString('latin1')
  const space = text.indexOf(' ')
  const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase()
  if (international && verb !== 'MAIL' && verb !== 'RCPT')
    throw protocolRefusal(500, '5.5.2', 'Only MAIL and RCPT may have characters beyond US-ASCII')
  if (http.test(text))
    throw limitRefusal(421, '4.7.0', 'This is a mail server, it does not speak HTTP', 'http', { close: true })
  return { verb, argument: space < 0 ? '' : text.slice(space + 1).trim() }
}

const faulty = (fault: LineFault, limit: number): ProtocolRefusal => {
  switch (fault) {
    case 'too-long':
      return limitRefusal(500, '5.5.2', `The command is longer than ${limit} octets`, 'command-line')
    case 'bare-lf':
      return limitRefusal(500, '5.5.2', 'The command ends with a bare LF; commands must end with CRLF', 'bare-line-end')
    case 'bare-cr':
      return limitRefusal(500, '5.5.2', 'The command has a bare CR; commands must end with CRLF', 'bare-line-end')
    case 'nul':
      return protocolRefusal(500, '5.5.2', 'The command has a NUL octet')
  }
}

export const unknownCommand = (verb: string): ProtocolRefusal =>
  unoffered.has(verb)
    ? protocolRefusal(502, '5.5.1', `${verb} is not offered here`, 'command')
    : protocolRefusal(500, '5.5.2', 'Command not recognised', 'command')

/** RFC 5321 4.1.1.1; what kind of name it is, is for the session to judge. */
export const parseHello = ({ verb, argument }: Command): string => {
  if (argument === '') throw protocolRefusal(501, '5.5.4', `Say who you are: ${verb} hostname`, 'helo-syntax')
  if (argument.length > 255) throw protocolRefusal(501, '5.5.4', 'The name is longer than 255 octets', 'helo-syntax')
  if (!/^[\x21-\x7e]+$/.test(argument))
    throw protocolRefusal(501, '5.5.4', `${verb} takes one name without spaces`, 'helo-syntax')
  return argument
}

export const without = ({ verb, argument }: Command): void => {
  if (argument !== '') throw protocolRefusal(501, '5.5.4', `${verb} takes no argument`)
}

/** What follows `FROM:` or `TO:`. */
export const afterKeyword = ({ verb, argument }: Command, keyword: 'FROM:' | 'TO:'): string => {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword)
    throw protocolRefusal(501, '5.5.4', `Write ${verb} ${keyword}<address>`)
  return argument.slice(keyword.length)
}
