import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('health', {
  route: 'health',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/web/health.ts')).health(exchange)),
})
