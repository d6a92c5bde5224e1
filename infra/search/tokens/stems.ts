import { stemmer as arabic } from '@orama/stemmers/arabic'
import { stemmer as armenian } from '@orama/stemmers/armenian'
import { stemmer as bulgarian } from '@orama/stemmers/bulgarian'
import { stemmer as danish } from '@orama/stemmers/danish'
import { stemmer as dutch } from '@orama/stemmers/dutch'
import { stemmer as english } from '@orama/stemmers/english'
import { stemmer as finnish } from '@orama/stemmers/finnish'
import { stemmer as french } from '@orama/stemmers/french'
import { stemmer as german } from '@orama/stemmers/german'
import { stemmer as greek } from '@orama/stemmers/greek'
import { stemmer as hungarian } from '@orama/stemmers/hungarian'
import { stemmer as hindi } from '@orama/stemmers/indian'
import { stemmer as italian } from '@orama/stemmers/italian'
import { stemmer as norwegian } from '@orama/stemmers/norwegian'
import { stemmer as portuguese } from '@orama/stemmers/portuguese'
import { stemmer as romanian } from '@orama/stemmers/romanian'
import { stemmer as russian } from '@orama/stemmers/russian'
import { stemmer as serbian } from '@orama/stemmers/serbian'
import { stemmer as spanish } from '@orama/stemmers/spanish'
import { stemmer as swedish } from '@orama/stemmers/swedish'
import { stemmer as tamil } from '@orama/stemmers/tamil'
import { stemmer as turkish } from '@orama/stemmers/turkish'
import { stemmer as ukrainian } from '@orama/stemmers/ukrainian'

type Stemmer = (word: string) => string

/** By the script that a word is written in, then by language (ISO 639-1). */
const STEMMERS = [
  {
    script: /^\p{Script=Latin}+$/u,
    of: {
      da: danish,
      de: german,
      en: english,
      es: spanish,
      fi: finnish,
      fr: french,
      hu: hungarian,
      it: italian,
      nb: norwegian,
      nl: dutch,
      no: norwegian,
      pt: portuguese,
      ro: romanian,
      sv: swedish,
      tr: turkish,
    },
  },
  { script: /^\p{Script=Cyrillic}+$/u, of: { bg: bulgarian, ru: russian, sr: serbian, uk: ukrainian } },
  { script: /^\p{Script=Greek}+$/u, of: { el: greek } },
  { script: /^\p{Script=Arabic}+$/u, of: { ar: arabic } },
  { script: /^\p{Script=Armenian}+$/u, of: { hy: armenian } },
  { script: /^[\p{Script=Devanagari}\p{M}]+$/u, of: { hi: hindi } },
  { script: /^[\p{Script=Tamil}\p{M}]+$/u, of: { ta: tamil } },
] as const satisfies readonly { script: RegExp; of: Readonly<Record<string, Stemmer>> }[]

/** Shorter words have no endings. */
const SHORTEST = 3
const LONGEST = 40

/** Stems remembered of one language; when there are more, it starts over. */
const REMEMBERED = 50_000

interface Language {
  readonly script: RegExp
  readonly stem: Stemmer
  /** By word; null: it has no endings. */
  readonly known: Map<string, string | null>
}

const LANGUAGES: ReadonlyMap<string, Language> = new Map(
  STEMMERS.flatMap(({ script, of }) =>
    Object.entries(of).map(([language, stem]) => [language, { script, stem, known: new Map() }]),
  ),
)

/** A folded word without its endings, in one language; null: it has none, or is of a language whose endings are not known here. */
export const stemIn = (language: string, word: string): string | null => {
  const of = LANGUAGES.get(language)
  if (of === undefined || word.length < SHORTEST || word.length > LONGEST) return null
  const before = of.known.get(word)
  if (before !== undefined) return before
  const stem = of.script.test(word) ? of.stem(word) : word
  const found = stem === word || stem === '' ? null : stem
  if (of.known.size >= REMEMBERED) of.known.clear()
  of.known.set(word, found)
  return found
}

/** The word and its stems in every language that is written so: who asks does not say in which language. */
export const stemsOf = (word: string): readonly string[] => {
  const stems = new Set([word])
  for (const language of LANGUAGES.keys()) {
    const stem = stemIn(language, word)
    if (stem !== null) stems.add(stem)
  }
  return [...stems]
}
