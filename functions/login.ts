import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('login', {
  route: 'login',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/web/signInRoutes.ts')).login(exchange)),
})
