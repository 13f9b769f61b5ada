import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('reconcileNow', {
  route: 'config/microsoft/reconcile',
  methods: ['POST'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/configPage/reconcileRoute.ts')).reconcileNow(exchange),
    async (error, id) => (await import('../shared/configPage/routes.ts')).failWithJson(error, id),
    // A run ends itself after 200 seconds.
    210_000,
  ),
})
