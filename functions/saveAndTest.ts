import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('saveAndTest', {
  route: 'config/microsoft/save-and-test',
  methods: ['POST'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/web/configRoutes.ts')).saveAndTest(exchange),
    async (error, id) => (await import('../shared/web/configRoutes.ts')).failWithJson(error, id),
  ),
})
