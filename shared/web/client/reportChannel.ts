/**
 * What the tab with the report of a Test sign-in and the tab with the form say to one another, on this origin only and
 * through no storage. `attempt` is the part of the state that proves nothing.
 */
export type ReportMessage =
  /** The report is on the screen. */
  | { kind: 'report'; attempt: string; outcome: ReportOutcome }
  /** The form that began the attempt is still open. */
  | { kind: 'held'; attempt: string; canSave: boolean }
  /** The reader goes back to the form. */
  | { kind: 'back'; attempt: string }
  /** The reader wants what was tried to be saved. */
  | { kind: 'save'; attempt: string }

/** `gone`: the report had been shown before. */
export type ReportOutcome = 'passed' | 'warning' | 'failed' | 'gone'

/** Sends to the other tab, and hears what it says. */
export function openReportChannel(hear: (message: ReportMessage) => void): (message: ReportMessage) => void {
  const channel = new BroadcastChannel('micetro-test-sign-in')
  channel.addEventListener('message', ({ data }: MessageEvent<ReportMessage>) => hear(data))
  return (message) => channel.postMessage(message)
}
