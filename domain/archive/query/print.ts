import type { Condition, Query } from './query.ts'

/** The query as a person would write it; parsed again it is the same query. */
export const printQuery = (query: Query): string => (query.is === 'everything' ? '' : print(query, LOOSEST))

const LOOSEST = 0
const OF_OR = 1
const OF_AND = 2
const OF_NOT = 3

/** `within`: how close what stands around it binds. */
const print = (query: Query, within: number): string => {
  switch (query.is) {
    case 'everything':
      return ''
    case 'or':
      return enclosed(query.of.map((part) => print(part, OF_OR)).join(' OR '), within > OF_OR)
    case 'and':
      return enclosed(query.of.map((part) => print(part, OF_AND)).join(' '), within > OF_AND)
    case 'not':
      return `NOT ${print(query.of, OF_NOT)}`
    default:
      return printCondition(query)
  }
}

const enclosed = (text: string, isNeeded: boolean): string => (isNeeded ? `(${text})` : text)

const printCondition = (condition: Condition): string => {
  switch (condition.is) {
    case 'text': {
      const { field, form, text } = condition
      const value = form === 'phrase' ? quoted(text) : form === 'prefix' ? `${text}*` : text
      return field === null ? value : `${field}:${value}`
    }
    case 'role':
      return `in:${condition.role}`
    case 'attachment':
      return 'has:attachment'
    case 'unreadable':
      return `unreadable:${condition.unreadable}`
    case 'account':
      return `account:${quoted(condition.account)}`
    case 'date':
      return `${condition.when}:${condition.value}`
    case 'size':
      return `${condition.than}:${condition.bytes}`
    case 'message-id':
      return `message-id:${quoted(condition.messageId)}`
    case 'thread':
      return `thread:${quoted(condition.of)}`
  }
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
