import { type CloudName, clouds } from '../../configuration/clouds.ts'
import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'

/** The Government endpoint that a configuration uses, if any. */
export function governmentGraph({ cloud, graph_endpoint }: SavedConfiguration): string | undefined {
  const endpoints: string[] = [clouds.usgov.graph, clouds['usgov-dod'].graph]
  if (graph_endpoint !== undefined && endpoints.includes(graph_endpoint)) return graph_endpoint
  return cloud === 'usgov' || cloud === 'usgov-dod' ? clouds[cloud].graph : undefined
}

/**
 * What the choice of an endpoint changes in a configuration.
 * @param graph a Government endpoint; undefined: none is wanted
 */
export function planCloud(
  base: SavedConfiguration,
  graph: string | undefined,
): { cloud?: CloudName; graph_endpoint?: string } {
  if (graph !== undefined) {
    return { graph_endpoint: graph, cloud: graph === clouds['usgov-dod'].graph ? 'usgov-dod' : 'usgov' }
  }
  if (governmentGraph(base) === undefined) return {}
  // Said in so many words: an endpoint of a lower layer would come back otherwise.
  return { cloud: 'commercial', ...(base.graph_endpoint !== undefined && { graph_endpoint: clouds.commercial.graph }) }
}
