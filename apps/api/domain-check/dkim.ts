import { DKIM_OVERLAP, dkimRecord, type DkimKey } from '#domain/hosted-domain/dkim'
import { seenDkimRecord } from '#infra/mail-auth/dkim-record'
import { type CheckedDomain, type Finding, publishTxt } from './finding.ts'

/** One per key whose record has to be there. */
export const checkDkim = (checked: CheckedDomain): Promise<Finding[]> =>
  Promise.all(checked.keys.filter(({ state }) => state !== 'retired').map((key) => checkKey(checked, key)))

const checkKey = async ({ dns, domain }: CheckedDomain, key: DkimKey): Promise<Finding> => {
  const { name, text } = dkimRecord(domain, key)
  const { state, problem, published } = await seenDkimRecord(dns, domain, key)
  const status = (
    {
      published: 'ok',
      // Nobody signs with it any more: only mail under way needs it.
      missing: key.state === 'replaced' ? 'warning' : 'missing',
      different: key.state === 'replaced' ? 'warning' : 'wrong',
      unknown: 'unknown',
    } as const
  )[state]
  return {
    check: 'dkim',
    name,
    type: 'TXT',
    status,
    needed: true,
    published: [...published].slice(0, 10),
    expected: text,
    publish: state === 'missing' || state === 'different' ? publishTxt(name, text) : null,
    advice:
      state === 'unknown'
        ? 'The DNS gave no answer: nothing is known about it now. Look again later.'
        : sentence(key, state, problem),
  }
}

const sentence = (key: DkimKey, state: 'published' | 'missing' | 'different', problem: string | null): string => {
  const isIt = state === 'published'
  const what = state === 'missing' ? 'The record is missing' : `A record is there, but ${problem ?? 'it differs'}`
  switch (key.state) {
    case 'waiting':
      return isIt
        ? 'It is published: mail is signed with it in a moment.'
        : `${what}. Mail is signed with this key when its record is seen.`
    case 'signing':
      return isIt
        ? 'It is published, and mail is signed with it.'
        : `${what}, but mail is signed with this key: publish it.`
    default: {
      const until = new Date(key.since + DKIM_OVERLAP).toISOString().slice(0, 10)
      return isIt
        ? `Another key signs now; leave the record until ${until}, mail under way needs it.`
        : `${what}. Another key signs now, but mail under way may need this one until ${until}.`
    }
  }
}
