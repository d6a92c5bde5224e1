import { Declined } from '../kernel/decider.ts'

export const notYours = new Declined('forbidden', 'this account is not yours to change')
export const secondPerson = new Declined('forbidden', 'what concerns an officer needs the approval of a second person')
