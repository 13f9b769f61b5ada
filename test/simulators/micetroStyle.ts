/** The one style sheet of the simulated Micetro's pages; its own look, so that nobody takes it for another page. */
export const micetroStyle = `
:root { --page: #f4f6f5; --card: #fff; --text: #1c2522; --muted: #56635e; --line: #d8dfdc; --brand: #0b6b57; --on-brand: #fff;
  --plus: #0b6b57; --plus-back: #e0f2ec; --minus: #9a3412; --minus-back: #fdece3; --new: #33518a; --new-back: #e6ecf8 }
@media (prefers-color-scheme: dark) {
  :root { --page: #121816; --card: #1b2421; --text: #e8eeeb; --muted: #a3b1ab; --line: #33403b; --brand: #63d0b3; --on-brand: #0b1a16;
    --plus: #7adcc1; --plus-back: #17382f; --minus: #ffb088; --minus-back: #43271a; --new: #a9c2f5; --new-back: #22304c }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
header { background: var(--card); border-top: .25rem solid var(--brand); border-bottom: 1px solid var(--line) }
header div, main { max-width: 60rem; margin: 0 auto; padding: .9rem 1.25rem }
main { padding-block: 1.5rem 3rem }
.product { font-weight: 700; margin-inline-end: .5rem }
.note, .muted { color: var(--muted); font-weight: 400 }
.note, .groups .muted { font-size: .875rem }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1.25rem; text-wrap: balance; overflow-wrap: anywhere }
h2 { font-size: 1.0625rem; margin: 0 0 .75rem }
.lead { max-width: 40rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.25rem 1.25rem; margin-bottom: 1rem }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1rem }
dl, ul, section p { margin: 0; padding: 0 }
dl > div { display: grid; grid-template-columns: 7rem 1fr; gap: .75rem; padding: .4rem 0 }
dl > div + div, .changes li + li { border-top: 1px solid var(--line) }
dt { color: var(--muted) }
dd { margin: 0; overflow-wrap: anywhere }
ul { list-style: none }
.changes li { display: grid; grid-template-columns: 5.5rem 1fr; gap: .75rem; align-items: baseline; padding: .4rem 0; overflow-wrap: anywhere }
del { color: var(--muted) }
ins { text-decoration: none; font-weight: 600 }
.tag { padding: .05rem .5rem; border-radius: .4rem; text-align: center;
  font-size: .8125rem; font-weight: 600; color: var(--new); background: var(--new-back) }
.plus { color: var(--plus); background: var(--plus-back) }
.minus { color: var(--minus); background: var(--minus-back) }
.groups { display: flex; flex-wrap: wrap; gap: .5rem }
.groups li { border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .65rem; overflow-wrap: anywhere }
.button { display: inline-block; margin-top: .5rem; padding: .5rem 1.1rem; border-radius: .5rem; background: var(--brand); color: var(--on-brand);
  font: inherit; font-weight: 600; text-decoration: none; border: 2px solid var(--brand); cursor: pointer }
.other { background: transparent; color: var(--brand) }
.actions { display: flex; flex-wrap: wrap; gap: .25rem .75rem }
.button:hover { text-decoration: underline }
.button:focus-visible { outline: 3px solid var(--text); outline-offset: 2px }
@media (max-width: 28rem) {
  dl > div { grid-template-columns: 1fr; gap: 0 }
}
`
