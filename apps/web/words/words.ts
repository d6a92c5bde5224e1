import { createContext, useContext } from 'react'
import { en, type Words } from './en'

const Language = createContext<{ readonly words: Words; readonly locale: string }>({ words: en, locale: 'en' })

export const LanguageProvider = Language.Provider
/** The sentences of the reader's language. */
export const useWords = (): Words => useContext(Language).words
export const useLocale = (): string => useContext(Language).locale
