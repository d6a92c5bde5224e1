/** Whether a sender's display name holds another address than the one the mail came from: mail programs that show the name alone would lie. */
export const isFalseName = (name: string, address: string): boolean =>
  name.includes('@') && !name.toLowerCase().includes(address.toLowerCase())
