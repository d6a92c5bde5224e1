import type { Reply } from '#domain/message/reply'
import { SmtpRefusal } from './port.ts'

/** A refusal by the protocol layer itself, which the session never saw: told through `MailSessionFactory.refused`. */
export class ProtocolRefusal extends SmtpRefusal {}

/** Broken syntax, wrong order, unknown commands. */
export const protocolRefusal = (code: number, enhancedCode: string, text: string, check = 'syntax'): ProtocolRefusal =>
  new ProtocolRefusal({ code, enhancedCode, text }, check)

/** A limit of policy: the text ends with the name of the check, so that an administrator can find the setting. */
export const limitRefusal = (
  code: number,
  enhancedCode: string,
  text: string,
  check: string,
  { close = false }: { close?: boolean } = {},
): ProtocolRefusal => new ProtocolRefusal({ code, enhancedCode, text: `${text} (check: ${check})` }, check, { close })

const plain = /^[\x20-\x7e]{0,400}$/
const maximumLine = 400

/** The octets of a reply: one or several lines of at most 512 octets (RFC 5321 4.5.3.1.5), US-ASCII only. */
export const replyLines = ({ code, enhancedCode, text }: Reply): string => {
  const prefix = enhancedCode === null ? '' : `${enhancedCode} `
  if (plain.test(text)) return `${code} ${prefix}${text}\r\n`
  const lines = text
    .split('\n')
    .flatMap((line) => (plain.test(line) ? [line] : wrapped(line.replace(/[^\x20-\x7e]/gu, '?'))))
  return lines.map((line, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${prefix}${line}\r\n`).join('')
}

const wrapped = (line: string): string[] => {
  const lines: string[] = []
  let rest = line
  while (rest.length > maximumLine) {
    const space = rest.lastIndexOf(' ', maximumLine)
    const end = space > 0 ? space : maximumLine
    lines.push(rest.slice(0, end))
    rest = rest.slice(space > 0 ? end + 1 : end)
  }
  return [...lines, rest]
}
