/** A number without what divides its thousands, `.` before its decimals: `1,234.50` and `1.234,50` are `1234.50`. null: it is no such number. */
export const plainNumber = (text: string): string | null => {
  const found = /^(\d{1,3}(?:([.,'])\d{3})(?:\2\d{3})*)(?:([.,])(\d{1,6}))?$/.exec(text)
  if (found !== null && found[2] !== found[3]) {
    const digits = found[1]!.replaceAll(/\D/g, '')
    return found[4] === undefined ? digits : `${digits}.${found[4]}`
  }
  const decimal = /^(\d{1,15})[.,](\d{1,6})$/.exec(text)
  return decimal === null ? null : `${decimal[1]}.${decimal[2]}`
}
