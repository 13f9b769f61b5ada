import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('configuration', {
  route: 'config/microsoft',
  methods: ['GET'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/web/configRoutes.ts')).readConfiguration(exchange),
    async (error, id) => (await import('../shared/web/configRoutes.ts')).failWithJson(error, id),
  ),
})
