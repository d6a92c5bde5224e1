/** A terminal obeys control characters and turns text around: nobody who writes a mail may tell it to. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu, '\u{fffd}')
