import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('configuration', {
  route: 'config/microsoft',
  methods: ['GET'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/configPage/routes.ts')).readConfiguration(exchange),
    async (error, id) => (await import('../shared/configPage/routes.ts')).failWithJson(error, id),
  ),
})
