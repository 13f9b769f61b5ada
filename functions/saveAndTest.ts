import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('saveAndTest', {
  route: 'config/microsoft/save-and-test',
  methods: ['POST'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/configPage/routes.ts')).saveAndTest(exchange),
    async (error, id) => (await import('../shared/configPage/routes.ts')).failWithJson(error, id),
  ),
})
