import { decodeWords } from 'postal-mime'

/** Header text as people see it: its encoded-words (RFC 2047) decoded, others as they are. Never throws. */
export const decodedWords = (text: string): string => decodeWords(text)
