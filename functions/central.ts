import { app } from '@azure/functions'
import { guarded } from '../shared/web/guarded.ts'

app.http('central', {
  route: 'central/auth_cb',
  methods: ['POST'],
  authLevel: 'function',
  handler: guarded(
    async (exchange) => (await import('../shared/web/app.ts')).central(exchange),
    async (error, id) => (await import('../shared/web/app.ts')).failForCentral(error, id),
    // Below the limit of Central's script, so that a spent budget reaches Central with its reference.
    20_000,
  ),
})
