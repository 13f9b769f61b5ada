import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

// Who makes a process start waits for it already, so what loads while the host gets ready costs nobody anything.
app.hook.appStart(() => {
  setImmediate(async () => (await import('../shared/web/preload.ts')).preload())
})

app.http('login', {
  route: 'login',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/web/signInRoutes.ts')).login(exchange)),
})
