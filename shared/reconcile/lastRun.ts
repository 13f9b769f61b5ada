import type { Engine } from '../engine.ts'
import { type Counts, countRemovals, type Mode, type Outcome, type ReconcileReport } from './report.ts'

/** What one instance remembers of a run: numbers, and nobody's name. */
export interface LastRun {
  /** When it ended, ISO 8601. */
  at: string
  by: 'timer' | 'request'
  mode: Mode
  outcome: Outcome
  counts: Counts
  removals: number
}

/** There is no store: the memory ends with the instance, and each has its own. */
const lastRuns = new WeakMap<Engine, LastRun>()

/** @param now milliseconds since the epoch */
export function rememberRun(engine: Engine, by: LastRun['by'], report: ReconcileReport, now: number): void {
  const { mode, outcome, counts } = report
  lastRuns.set(engine, { at: new Date(now).toISOString(), by, mode, outcome, counts, removals: countRemovals(report) })
}

/** The last run that this instance has seen, and since when it has been looking. */
export function runsSeen(engine: Engine): { since: string; last: LastRun | null } {
  return { since: new Date(performance.timeOrigin).toISOString(), last: lastRuns.get(engine) ?? null }
}
