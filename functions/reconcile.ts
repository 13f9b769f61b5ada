import { app } from '@azure/functions'

app.timer('reconcile', {
  // NCRONTAB. The default is off the full hour, when everybody's timers ask Microsoft Graph.
  schedule: process.env.RECONCILE_SCHEDULE?.trim() || '0 7 * * * *',
  handler: async (_timer, context) => (await import('../shared/web/reconcileTimer.ts')).reconcileTimer(context),
})
