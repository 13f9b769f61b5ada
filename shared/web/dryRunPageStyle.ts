/** What the report of a test sign-in has beyond the style of all pages. */
export const dryRunPageStyle = `
dl { margin: 0; padding: 0; border: 0; }
@media (max-width: 30rem) {
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dl.facts dd { margin-bottom: 0.6rem; }
}
.steps, .plain-list { margin: 0; padding: 0; list-style: none; }
.steps li { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0 1rem; padding: 0.6rem 0; border-top: 1px solid var(--line); }
.steps li:last-child { border-bottom: 1px solid var(--line); }
.verb { font-weight: 600; }
.verb.create, .verb.join { color: var(--good); }
.verb.leave { color: var(--bad); }
.verb.change { color: var(--accent); }
.what, table { overflow-wrap: anywhere; }
.what dl { margin-top: 0.35rem; }
del { color: var(--soft); }
ins { text-decoration: none; font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
summary { cursor: pointer; padding: 0.35rem 0; font-weight: 600; }
.ways { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 1.25rem 0 0; }
.tools { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; margin: 0.75rem 0 1rem; }
.tools input[type="search"] { flex: 1 1 10rem; width: auto; }
.tools .note { flex-basis: 100%; margin: 0; }
.tools .note:empty { display: none; }
@media (max-width: 30rem) {
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; clip-path: inset(50%); }
  tbody td { padding-top: 0; border-top: 0; }
}
th, td { padding: 0.55rem 1rem 0.55rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; }
tbody th { font-weight: 600; }
td code { color: var(--soft); font-size: 0.8em; }
.reference { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); }
`
