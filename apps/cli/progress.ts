import { SingleBar } from 'cli-progress'
import type { Progress } from '#apps/mailkeep/operations/operation'
import type { Io } from './io.ts'
import type { Screen } from './screen.ts'
import { durationText } from './words.ts'

/** A bar on stderr with rate and time left; nothing where there is no terminal, nor with --json. */
export class ProgressBar {
  readonly #bar: SingleBar | null
  #what: string | null = null
  #began = 0

  constructor(io: Io, screen: Screen) {
    this.#bar =
      io.stderr.isTTY === true && !screen.json
        ? new SingleBar({
            format: '{what} {bar} {percentage}%  {rate}/s  {left}',
            barCompleteChar: '█',
            barIncompleteChar: '░',
            barsize: 28,
            stream: io.stderr,
            hideCursor: true,
            clearOnComplete: true,
            gracefulExit: true,
          })
        : null
  }

  show({ what, done, total }: Progress): void {
    const bar = this.#bar
    if (bar === null) return
    const most = Math.max(1, total ?? done)
    if (this.#what === null) {
      this.#began = performance.now()
      bar.start(most, done, this.#payload(what, done, most))
    } else {
      if (this.#what !== what && done === 0) this.#began = performance.now()
      bar.setTotal(most)
      bar.update(done, this.#payload(what, done, most))
    }
    this.#what = what
  }

  end(): void {
    if (this.#what !== null) this.#bar?.stop()
  }

  #payload(what: string, done: number, total: number) {
    const seconds = (performance.now() - this.#began) / 1_000
    const rate = seconds > 0 ? done / seconds : 0
    return {
      what,
      rate: rate >= 10 ? String(Math.round(rate)) : rate.toFixed(1),
      left: rate > 0 && done < total ? `${durationText(((total - done) / rate) * 1_000)} left` : '',
    }
  }
}
