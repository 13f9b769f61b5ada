import { setUpAccessReview } from './accessReview.ts'
import { reportFailure } from './failureReport.ts'
import { setUpCancel } from './loading.ts'
import { Page } from './page.ts'
import { setUpPaste } from './pastePanel.ts'
import { setUpRedirectUri } from './redirectUri.ts'
import { setUpSave } from './saving.ts'
import { setUpTest } from './testing.ts'
import { setUpTestSignIn } from './testSignIn.ts'
import { setUpUnlocking } from './unlocking.ts'

const page: Page = new Page((error) => reportFailure(page, error))
const { form } = page

form.element.addEventListener('submit', (event) => event.preventDefault())
form.element.addEventListener('input', (event) => {
  form.markEdited(event.target)
  page.outdateTest()
})

setUpUnlocking(page)
setUpPaste(page)
setUpRedirectUri(form)
setUpTest(page)
setUpSave(page)
setUpCancel(page)
setUpTestSignIn(page)
setUpAccessReview(page)
