import { expect, it } from 'vitest'
import { findTenantGroups } from '../../shared/graph/tenantGroups.ts'
import type { Send } from '../../shared/outgoing/http.ts'

const ids = Array.from({ length: 20 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`)
const page = (names: readonly string[], more: boolean) => ({
  value: names.map((displayName, index) => ({ id: `ID-${index}`, displayName })),
  ...(more && { '@odata.nextLink': 'https://graph.test/next' }),
})

/** Answers every call with the same page, and remembers what was asked. */
function graph(body: unknown, status = 200) {
  const asked: URL[] = []
  const send: Send = async ({ url }) => {
    asked.push(new URL(url))
    return { status, headers: {}, body, text: '', malformed: false }
  }
  const context = { graph: 'https://graph.test', accessToken: 't', send, signal: new AbortController().signal }
  return { asked, find: (search: string, known: string[] = []) => findTenantGroups(context, { search, ids: known }) }
}

it('a small tenant is read at once and searched in the middle of names', async () => {
  const { asked, find } = graph(page(['DNS Admins', 'Lunch'], false))
  expect(await find(' ADM ')).toEqual([{ id: 'id-0', name: 'DNS Admins' }])
  expect(asked).toHaveLength(1)
})

it('a large one is asked for the beginning of the name, quoted, and for the ids, fifteen at a time', async () => {
  const { asked, find } = graph(page(["O'Brien's"], true))
  await find("O'Br", ids)
  expect(asked.slice(1).map(({ searchParams }) => searchParams.get('$filter'))).toEqual([
    "startswith(displayName,'O''Br')",
    `id in (${ids
      .slice(0, 15)
      .map((id) => `'${id}'`)
      .join(',')})`,
    `id in (${ids
      .slice(15)
      .map((id) => `'${id}'`)
      .join(',')})`,
  ])
})

it('what the application may not read is unknown, not empty', async () => {
  expect(await graph({ error: {} }, 403).find('x')).toBeUndefined()
  expect(await graph({ nothing: true }).find('x')).toBeUndefined()
})
