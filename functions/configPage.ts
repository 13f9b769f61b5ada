import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('configPage', {
  route: 'config',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/configPage/page.ts')).configPage(exchange)),
})
