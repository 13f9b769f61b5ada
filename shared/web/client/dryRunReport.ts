import { setUpGroupsTable } from './groupsTable.ts'
import { openReportChannel, type ReportMessage, type ReportOutcome } from './reportChannel.ts'

const main = document.querySelector('main')
const attempt = main?.dataset.attempt ?? ''
const outcome = (main?.dataset.outcome ?? 'gone') as ReportOutcome
const back = document.querySelector<HTMLAnchorElement>('#back')
const save = document.querySelector<HTMLButtonElement>('#put-in-force')
const said = document.querySelector<HTMLElement>('#said')

setUpGroupsTable()

const tell = openReportChannel((message) => {
  if (message.kind !== 'held' || message.attempt !== attempt) return
  // The tab with the form is there: this one tells it and closes, so that nobody gives the access key again.
  if (back !== null) {
    back.textContent = 'Back to the configuration (closes this tab)'
    back.onclick = (event) => leave(event, { kind: 'back', attempt })
  }
  if (save === null) return
  save.hidden = !message.canSave
  save.onclick = (event) => leave(event, { kind: 'save', attempt })
})
tell({ kind: 'report', attempt, outcome })

function leave(event: Event, message: ReportMessage): void {
  event.preventDefault()
  tell(message)
  close()
  if (save !== null) save.hidden = true
  // A browser closes only the tabs that a page has opened.
  if (said !== null) said.textContent = 'Go on in the tab with the configuration. You can close this one.'
}
