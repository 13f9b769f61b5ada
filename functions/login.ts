import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

// Who makes a process start waits for it already, so what is done while the host gets ready costs nobody anything.
app.hook.appStart(() => {
  setImmediate(() => import('../shared/web/app.ts').then(({ preload }) => preload()).catch(() => undefined))
})

app.http('login', {
  route: 'login',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: guarded(async (exchange) => (await import('../shared/web/app.ts')).login(exchange)),
})
