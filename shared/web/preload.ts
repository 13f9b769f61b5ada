import { loadAxios } from '../outgoing/http.ts'

/** In the order in which a sign-in needs them: one that comes meanwhile need not wait for all. */
const parts = [
  () => import('./signInRoutes.ts'),
  () => import('@azure/identity'),
  () => import('@azure/keyvault-secrets'),
  loadAxios,
]

/**
 * Loads the code that `/login` needs, while the process is not asked yet. It calls nobody, and says nothing when it fails:
 * the request then meets the error.
 */
export async function preload(): Promise<void> {
  for (const load of parts) await load().catch(() => undefined)
}
