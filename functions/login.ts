import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

// Who makes a process start waits for it already, so what is done while the host gets ready costs nobody anything.
app.hook.appStart(() => {
  setImmediate(async () => (await import('../shared/web/app.ts')).preload().catch(() => undefined))
})

app.http('login', {
  route: 'login',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/web/app.ts')).login(exchange)),
})
