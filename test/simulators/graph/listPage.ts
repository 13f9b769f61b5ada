import type { GraphFaults } from '../graph.ts'
import type { GraphAnswer } from './answers.ts'
import { GraphError } from './graphError.ts'

export type Entity = Record<string, unknown>

const unsupported = ['$filter', '$search', '$orderby', '$expand', '$skip']

/** One page of a list. @param items made when they are sent, so that a page of many costs as little as a page of few */
export function listPage(
  items: readonly (() => Entity)[],
  collection: string,
  counted: boolean,
  url: URL,
  faults: GraphFaults,
): GraphAnswer {
  const { searchParams } = url
  for (const name of unsupported) {
    if (searchParams.has(name)) throw new GraphError(501, 'notImplemented', `The simulated Graph has no ${name}.`)
  }
  const size = readTop(searchParams.get('$top'))
  const from = readSkipToken(searchParams.get('$skiptoken'))
  const to = from + size
  const page = items.slice(faults.endlessPages ? 0 : from, faults.endlessPages ? size : to)
  const select = searchParams.get('$select')
  const body: Record<string, unknown> = {
    '@odata.context': `${url.origin}/v1.0/$metadata#${collection}${select === null ? '' : `(${select})`}`,
    ...(counted && from === 0 && { '@odata.count': items.length }),
    ...((faults.endlessPages || to < items.length) && { '@odata.nextLink': nextLink(url, to, faults) }),
    ...(!faults.withoutValue && { value: page.map((make) => make()) }),
  }
  return { body, cutOff: faults.cutOffOnPage === Math.floor(from / size) + 1 }
}

function readTop(top: string | null): number {
  if (top === null) return 100
  const size = Number(top)
  if (Number.isInteger(size) && size >= 1 && size <= 999) return size
  throw new GraphError(
    400,
    'Request_UnsupportedQuery',
    `Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`,
  )
}

const marker = 'page from '

function readSkipToken(token: string | null): number {
  if (token === null) return 0
  const text = Buffer.from(token, 'base64url').toString()
  const from = Number(text.slice(marker.length))
  if (text.startsWith(marker) && Number.isInteger(from)) return from
  throw new GraphError(400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.')
}

function nextLink(url: URL, from: number, { foreignNextLink }: GraphFaults): string {
  const next = new URL(url)
  next.searchParams.set('$skiptoken', Buffer.from(`${marker}${from}`).toString('base64url'))
  return foreignNextLink === undefined ? next.href : `${foreignNextLink}${next.pathname}${next.search}`
}
