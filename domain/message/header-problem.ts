/** Why a header block can't be read without doubt: a sentence. */
export class HeaderProblem extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'HeaderProblem'
  }
}
