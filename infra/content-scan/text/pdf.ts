import type { Gathering } from './gathering.ts'

/** Text of a PDF, page by page. */
export const readPdf = async (bytes: Buffer, path: string, gathering: Gathering): Promise<void> => {
  const { attached, limits } = gathering
  // large, and seldom needed
  const { getDocumentProxy } = await import('unpdf')
  let document
  try {
    // its own copy: it is taken over
    document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, maxImageSize: 0 })
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException'
    return gathering.cannotRead(path, isLocked ? 'the PDF is encrypted' : 'the PDF is damaged')
  }
  try {
    for (let number = 1; number <= document.numPages; number += 1) {
      if (number > limits.maxPages || attached.isFull || gathering.isLate) {
        gathering.cannotRead(path, `only the first ${number - 1} of ${document.numPages} pages were read`)
        break
      }
      const page = await document.getPage(number)
      const { items } = await page.getTextContent()
      let text = ''
      for (const item of items) if ('str' in item) text += item.hasEOL ? `${item.str}\n` : item.str
      page.cleanup()
      if (!attached.add(text)) gathering.cannotRead(path, 'the text is too long, its end was not read')
    }
  } catch {
    gathering.cannotRead(path, 'the PDF is damaged')
  } finally {
    await document.loadingTask.destroy()
  }
}
