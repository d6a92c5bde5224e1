import type { MailParameters, RcptParameters } from './port.ts'
import { protocolRefusal, type ProtocolRefusal } from './refusals.ts'

/** Which parameters this listener knows. */
export interface Offered {
  /** RFC 3461: RET, ENVID, NOTIFY, ORCPT. */
  readonly dsn: boolean
  /** RFC 4954: the AUTH parameter of MAIL is read and ignored. */
  readonly auth: boolean
}

const maximumParameters = 20
const keyword = /^[a-z\d][a-z\d-]*$/i
const value = /^[\x21-\x3c\x3e-\x7e]+$/
const xtext = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[\dA-F]{2})+$/

/** @throws ProtocolRefusal 501 5.5.4 malformed, 555 5.5.4 unknown */
export const mailParameters = (rest: string, offered: Offered): MailParameters => {
  let size: number | null = null
  let body: MailParameters['body'] = '7BIT'
  let smtputf8 = false
  const dsn: { ret?: 'FULL' | 'HDRS'; envid?: string } = {}
  for (const [name, given] of parameters(rest)) {
    switch (name) {
      case 'SIZE':
        if (given === null || !/^\d{1,20}$/.test(given)) throw malformed('SIZE takes a number of octets')
        size = Number(given)
        break
      case 'BODY': {
        const wanted = given?.toUpperCase()
        if (wanted !== '7BIT' && wanted !== '8BITMIME') throw malformed('BODY must be 7BIT or 8BITMIME')
        body = wanted
        break
      }
      case 'SMTPUTF8':
        if (given !== null) throw malformed('SMTPUTF8 takes no value')
        smtputf8 = true
        break
      case 'RET': {
        if (!offered.dsn) throw unknown(name)
        const wanted = given?.toUpperCase()
        if (wanted !== 'FULL' && wanted !== 'HDRS') throw malformed('RET must be FULL or HDRS')
        dsn.ret = wanted
        break
      }
      case 'ENVID':
        if (!offered.dsn) throw unknown(name)
        if (given === null || given.length > 100 || !xtext.test(given))
          throw malformed('ENVID must be xtext of at most 100 octets')
        dsn.envid = given
        break
      case 'AUTH':
        if (!offered.auth) throw unknown(name)
        if (given === null || !xtext.test(given)) throw malformed('AUTH takes a mailbox as xtext or <>')
        break
      default:
        throw unknown(name)
    }
  }
  return { size, body, smtputf8, ...dsn }
}

const occasions = new Set(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'])
type Occasion = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY'
const isOccasion = (word: string): word is Occasion => occasions.has(word)

/** @throws ProtocolRefusal 501 5.5.4 malformed, 555 5.5.4 unknown */
export const rcptParameters = (rest: string, offered: Offered): RcptParameters => {
  const read: { notify?: Occasion[]; orcpt?: string } = {}
  for (const [name, given] of parameters(rest)) {
    if (!offered.dsn || (name !== 'NOTIFY' && name !== 'ORCPT')) throw unknown(name)
    if (name === 'ORCPT') {
      if (given === null || given.length > 500 || !/^[a-z\d-]+;./i.test(given))
        throw malformed('ORCPT must be type;xtext')
      read.orcpt = given
      continue
    }
    const words = (given ?? '').toUpperCase().split(',')
    if (!words.every(isOccasion) || (words.includes('NEVER') && words.length > 1))
      throw malformed('NOTIFY must be NEVER, or a list of SUCCESS, FAILURE, DELAY')
    read.notify = words
  }
  return read
}

const malformed = (why: string): ProtocolRefusal => protocolRefusal(501, '5.5.4', why, 'parameters')
const unknown = (name: string): ProtocolRefusal =>
  protocolRefusal(555, '5.5.4', `Parameter ${name.slice(0, 40)} is not offered here`, 'parameters')

const parameters = (rest: string): Map<string, string | null> => {
  const found = new Map<string, string | null>()
  for (const token of rest.split(' ')) {
    if (token === '') continue
    const equals = token.indexOf('=')
    const name = equals < 0 ? token : token.slice(0, equals)
    const given = equals < 0 ? null : token.slice(equals + 1)
    if (!keyword.test(name) || (given !== null && !value.test(given) && !(given === '<>' && /^auth$/i.test(name))))
      throw malformed('Parameters must be KEYWORD or KEYWORD=value, separated by spaces')
    if (found.has(name.toUpperCase())) throw malformed(`Parameter ${name.slice(0, 40)} is given twice`)
    if (found.size === maximumParameters) throw malformed(`More than ${maximumParameters} parameters`)
    found.set(name.toUpperCase(), given)
  }
  return found
}
