import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('callback', {
  route: 'mmws/auth_cb/microsoft',
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/web/app.ts')).callback(exchange)),
})
