import { questionKey, type DnsAnswer, type DnsResolver, type DnsType } from './port.ts'

/** A replay asked something that the record does not hold: the result would not be the one that was recorded. */
export class NotRecorded extends Error {
  readonly question: string
  constructor(name: string, type: DnsType) {
    super(`the evidence holds no answer to ${type} ${name}`)
    this.name = 'NotRecorded'
    this.question = questionKey(name, type)
  }
}

/** The DNS as it was: answers from evidence alone. Rejects with NotRecorded for anything else; never asks the network. */
export const replayResolver = (answers: readonly DnsAnswer[]): DnsResolver => {
  const known = new Map(answers.map((answer) => [questionKey(answer.name, answer.type), answer]))
  return {
    async query(name, type) {
      const answer = known.get(questionKey(name, type))
      if (answer === undefined) throw new NotRecorded(name, type)
      return answer
    },
  }
}
