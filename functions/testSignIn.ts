import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('testSignIn', {
  route: 'config/microsoft/test-sign-in',
  methods: ['POST'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/configPage/routes.ts')).testSignIn(exchange),
    async (error, id) => (await import('../shared/configPage/routes.ts')).failWithJson(error, id),
  ),
})
