import * as v from 'valibot'
import { type Asked, answerGraph, type GraphContext } from './answers.ts'
import { GraphError } from './graphError.ts'
import type { Entity } from './listPage.ts'

/** "Combine multiple HTTP requests using JSON batching". */
const mostInBatch = 20

const batchSchema = v.object({
  requests: v.array(
    v.object({
      id: v.string(),
      method: v.string(),
      url: v.string(),
      headers: v.optional(v.record(v.string(), v.string()), {}),
      body: v.optional(v.unknown()),
    }),
  ),
})

export interface BatchItem {
  id: string
  status: number
  headers: Record<string, string>
  body: unknown
}

/**
 * Answers every item by itself, throttled ones too, under an outer status of 200; the order is not that of the requests.
 * @param tamper may change the answer of an item
 */
export function answerBatch(
  text: unknown,
  context: Omit<GraphContext, 'request' | 'url'>,
  root: string,
  tamper: (target: string, answer: Omit<BatchItem, 'id'>) => Omit<BatchItem, 'id'>,
): { responses: BatchItem[] } {
  const { success, output } = v.safeParse(batchSchema, text)
  if (!success) throw new GraphError(400, 'BadRequest', 'Invalid batch payload format.')
  const { requests } = output
  if (requests.length > mostInBatch)
    throw new GraphError(400, 'BadRequest', 'Number of requests inside batch exceeds the limit.')
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    throw new GraphError(400, 'BadRequest', 'Request Id is repeated.')
  const responses = requests.map(({ id, method, url, headers, body }) => {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const asked: Asked = { method, headers: lower, body }
    // Version and host are those of the batch; a leading slash may be there or not.
    const target = `/v1.0/${url.replace(/^\//, '')}`
    return { id, ...tamper(target, answerItem(asked, new URL(target, root), context)) }
  })
  return { responses: responses.reverse() }
}

function answerItem(request: Asked, url: URL, context: Omit<GraphContext, 'request' | 'url'>): Omit<BatchItem, 'id'> {
  const headers = { 'Content-Type': 'application/json', 'x-ms-resource-unit': '1' }
  try {
    if (request.body !== undefined && request.headers['content-type'] === undefined)
      throw new GraphError(400, 'BadRequest', 'A body needs its Content-Type.')
    const body: Entity = answerGraph({ ...context, request, url })
    return { status: 200, headers, body }
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    return { status: error.status, headers, body: error.body() }
  }
}
