import { GraphError } from './graphError.ts'

export type Entity = Record<string, unknown>

/** Refused with a status of ours, so that no client believes that they had an effect. */
const unsupported = ['$filter', '$search', '$orderby', '$expand', '$skip']

/**
 * One page of a list ("Paging Microsoft Graph data in your app"): 100 items unless `$top` says otherwise, up to 999.
 * @param served query options that the caller has seen to
 * @param items made when they are sent, so that a page of many costs as little as a page of few
 */
export function listPage(
  items: readonly (() => Entity)[],
  collection: string,
  counted: boolean,
  url: URL,
  served: readonly string[] = [],
): Record<string, unknown> {
  const { searchParams } = url
  for (const name of unsupported) {
    if (searchParams.has(name) && !served.includes(name))
      throw new GraphError(501, 'notImplemented', `The simulated Graph has no ${name}.`)
  }
  const top = searchParams.get('$top') ?? '100'
  const size = Number(top)
  if (!Number.isInteger(size) || size < 1 || size > 999) {
    const message = `Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`
    throw new GraphError(400, 'Request_UnsupportedQuery', message)
  }
  const from = Number(searchParams.get('$skiptoken') ?? 0)
  if (!Number.isInteger(from)) {
    throw new GraphError(400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.')
  }
  const to = from + size
  const next = new URL(url)
  next.searchParams.set('$skiptoken', String(to))
  const select = searchParams.get('$select')
  return {
    '@odata.context': `${url.origin}/v1.0/$metadata#${collection}${select === null ? '' : `(${select})`}`,
    ...(counted && from === 0 && { '@odata.count': items.length }),
    ...(to < items.length && { '@odata.nextLink': next.href }),
    value: items.slice(from, to).map((make) => make()),
  }
}
