import { app } from '@azure/functions'
import { buildId } from '../shared/buildId.atBuild.ts'
import { guarded } from '../shared/web/guarded.ts'

const handle = guarded(async (exchange) => (await import('../shared/web/app.ts')).health(exchange))

app.http('health', {
  route: 'health',
  methods: ['GET'],
  authLevel: 'anonymous',
  // Every answer says which build gave it, that of a failure too: after a deployment the old code still answers for a while.
  handler: async (request, context) => {
    const answer = await handle(request, context)
    return { ...answer, headers: { ...answer.headers, 'x-build-id': buildId } }
  },
})
