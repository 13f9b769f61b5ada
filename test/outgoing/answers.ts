import { type Answer, type Call, NoAnswerError, type Send } from '../../shared/outgoing/http.ts'

export function answer(status: number, body?: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers, body, text: body === undefined ? '' : JSON.stringify(body), malformed: false }
}

/** What a proxy in between answers. */
export function pageOfProxy(status: number): Answer {
  return { status, headers: { 'content-type': 'text/html' }, body: undefined, text: '<h1>proxy</h1>', malformed: true }
}

export interface Script {
  send: Send
  calls: Call[]
}

/** Answers in the given order; a text stands for no answer at all. More calls than answers are a fault of the test. */
export function scripted(...answers: (Answer | string | NoAnswerError)[]): Script {
  const calls: Call[] = []
  const send: Send = async (call) => {
    const next = answers[calls.length]
    calls.push(call)
    if (next === undefined) throw new TypeError(`call ${calls.length} was not expected: ${call.method} ${call.url}`)
    if (typeof next === 'string') throw new NoAnswerError(next)
    if (next instanceof NoAnswerError) throw next
    return next
  }
  return { send, calls }
}
