import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('configGroups', {
  route: 'config/microsoft/groups',
  methods: ['POST'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/configPage/routes.ts')).offerGroupsForTable(exchange),
    async (error, id) => (await import('../shared/configPage/routes.ts')).failWithJson(error, id),
  ),
})
