import { type Check, failed, passed, skipped, warning } from '../check.ts'

/** Seconds by which clocks may differ before tokens are refused. */
const limit = 300

/** Our clock against the authority's: tokens are judged by time. */
export const clockCheck: Check = {
  name: 'clock',
  needs: ['tenant'],
  timeout: 10_000,
  async run({ metadata }) {
    const { answer, arrivedAt } = await metadata()
    const theirs = Date.parse(answer.headers.date ?? '')
    if (Number.isNaN(theirs)) return skipped('Entra ID sent no time.')
    const seconds = Math.round(Math.abs(arrivedAt - theirs) / 1000)
    const detail = `The clock differs from Entra ID's by ${seconds} s.`
    const hint = 'Set the clock of the function host by a time server.'
    if (seconds > limit) return failed(detail, hint)
    return seconds > limit / 5 ? warning(detail, hint) : passed(detail)
  },
}
