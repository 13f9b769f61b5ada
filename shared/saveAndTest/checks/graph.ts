import { AppError } from '../../failure.ts'
import { NoAnswerError } from '../../outgoing/http.ts'
import { type Check, passed } from '../check.ts'

/** Microsoft Graph answers; without a token it says 401, which is enough. */
export const graphCheck: Check = {
  name: 'graph',
  needs: [],
  timeout: 10_000,
  async run({ engine, candidate: { configuration } }, signal) {
    const { host } = new URL(configuration.graph)
    try {
      const answer = await engine.send({ method: 'GET', url: `${configuration.graph}/v1.0/me`, timeout: 8000, signal })
      if (answer.status === 429 || answer.status >= 500)
        throw new AppError({ code: 'graph_throttled', status: answer.status })
      if (answer.malformed) throw new AppError({ code: 'graph_rejected', status: answer.status, reply: 'not JSON' })
      return passed(`${host} answers.`)
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw cause
      throw new AppError({ code: 'graph_unreachable', host, reason: cause.reason }, { cause })
    }
  },
}
