import { openReportChannel, type ReportMessage } from '../../web/client/reportChannel.ts'
import { type Candidate, call, Refusal } from './api.ts'
import { buttonById, elementById, make, onClick } from './dom.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { pressSave } from './saving.ts'
import { readCandidate } from './testing.ts'

/** The attempt that was begun last, and what it tries; its report says which one it is about. */
interface Attempt {
  id: string
  candidate: Candidate
  /** The form as it was sent; a form that was changed since was not tried. */
  text: string
  /** False when it tried what is saved already. */
  isNew: boolean
}

let attempt: Attempt | undefined

const ready = (): HTMLElement => elementById('test-sign-in-ready')
const report = (): HTMLElement => elementById('test-sign-in-report')

const textOf = (candidate: Candidate): string => JSON.stringify(candidate)

export function closeTestSignIn(): void {
  ready().replaceChildren()
  report().hidden = true
  attempt = undefined
}

async function prepareTestSignIn(page: Page, candidate: Candidate, isNew: boolean, signal: AbortSignal): Promise<void> {
  const path = '/config/microsoft/test-sign-in'
  // The end of a credential is of no use before it is saved.
  const { credentialExpires: _, ...sent } = candidate
  page.say('Preparing Test sign-in…', 'busy')
  const { location } = await call<{ location: string }>(page.key, 'POST', path, isNew ? sent : {}, signal).catch(
    (error: unknown) => {
      page.say('')
      throw error
    },
  )
  if (!/^https?:\/\//.test(location)) throw new Refusal(502, { message: 'The server gave no address.' })
  attempt = {
    id: (URL.parse(location)?.searchParams.get('state') ?? '').slice(0, 40),
    candidate,
    text: textOf(candidate),
    isNew,
  }
  page.say('Continue at Microsoft within ten minutes. The report opens in that tab.')
  // A link that the reader follows: windows that open by themselves are blocked.
  const link = make('a', { class: 'button', text: 'Continue at Microsoft (new tab)' })
  link.id = 'test-sign-in-link'
  link.dataset.testid = 'test-sign-in-link'
  link.href = location
  link.target = '_blank'
  link.addEventListener('click', (event) => {
    // Opened by the script, the tab may close itself when its reader comes back.
    if (window.open(location, '_blank') !== null) event.preventDefault()
    setTimeout(() => {
      ready().replaceChildren()
      buttonById('test-sign-in').focus()
    })
  })
  ready().replaceChildren(link)
  link.focus()
}

const outcomes = {
  passed: ['good', 'Test sign-in succeeded.'],
  warning: ['warn', 'Test sign-in succeeded, with a warning in its report.'],
  failed: ['bad', 'Test sign-in failed. Its report says why.'],
} as const

/** The form still is what was tried, and it is not saved yet. */
function isTried(page: Page): boolean {
  return attempt?.isNew === true && textOf(page.form.read().candidate) === attempt.text
}

function showReport(page: Page, outcome: 'passed' | 'warning' | 'failed'): void {
  const [tone, text] = outcomes[outcome]
  report().className = `notice ${tone}`
  report().hidden = false
  elementById('test-sign-in-outcome').textContent = text
  elementById('put-in-force').hidden = outcome === 'failed' || !isTried(page) || !page.canSave
  page.say('')
  if (outcome === 'failed') return
  for (const scope of (attempt?.candidate.configuration.scope as string[] | undefined) ?? [])
    page.triedScopes.add(scope)
}

export function setUpTestSignIn(page: Page): void {
  const hear = (message: ReportMessage): void => {
    if (page.key === '' || attempt === undefined || message.attempt !== attempt.id) return
    if (message.kind === 'report') {
      if (message.outcome !== 'gone') showReport(page, message.outcome)
      tell({ kind: 'held', attempt: attempt.id, canSave: isTried(page) && page.canSave })
    }
    if (message.kind === 'save' && isTried(page)) pressSave(page)
    if (message.kind === 'back') buttonById('test-sign-in').focus()
  }
  const tell = openReportChannel(hear)

  onClick('test-sign-in', () => {
    hideNotice()
    closeTestSignIn()
    // What is saved is tried as it is, whatever the form makes of it.
    const candidate = page.form.changed ? readCandidate(page) : page.form.read().candidate
    if (candidate === undefined) return
    const isNew = page.form.changed
    page.operation.start((signal) => prepareTestSignIn(page, candidate, isNew, signal))
  })

  onClick('put-in-force', () => {
    report().hidden = true
    pressSave(page)
  })

  page.form.element.addEventListener('input', () => {
    if (!isTried(page)) elementById('put-in-force').hidden = true
  })
}
