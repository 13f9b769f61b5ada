/** What the Save and Test page has beyond the style of all pages. */
export const configPageStyle = `
.together { white-space: nowrap; }
header h1 { margin-bottom: 1.5rem; }
.unlock { max-width: 32rem; }
.row { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; margin-top: 0.5rem; }
.unlock .row input { flex: 1 1 12rem; width: auto; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }

/* Always in reach; what gets the focus is not hidden behind it. */
html { scroll-padding-bottom: 9rem; }
.bar {
  position: sticky; bottom: 0; z-index: 1;
  margin: 1.25rem calc(-1 * clamp(1.25rem, 4vw, 2.5rem)) calc(-1 * clamp(1.25rem, 4vw, 2.5rem));
  padding: 0.75rem clamp(1.25rem, 4vw, 2.5rem);
  background: var(--sheet); border-top: 1px solid var(--edge); border-radius: 0 0 0.75rem 0.75rem;
}
.bar-said { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.bar .notice { margin: 0 0 0.6rem; padding: 0.6rem 0.85rem; }
.ready:empty { display: none; }
#cancel { margin-left: auto; }
@media (max-height: 40rem) {
  html { scroll-padding-bottom: 7rem; }
  .bar { padding-block: 0.4rem; }
  .bar .summary, .bar .note { margin-bottom: 0.3rem; font-size: 0.9rem; }
  .bar .notice { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: center; margin-bottom: 0.4rem; padding: 0.3rem 0.85rem; }
  .bar .notice p { margin: 0; }
  .bar .buttons button, .bar .buttons .button { padding: 0.3rem 0.7rem; font-size: 0.9rem; }
}
@media (max-height: 22rem) { .bar { position: static; } }

.part, .results { margin: 0; padding: 1.75rem 0; border-top: 1px solid var(--line); }
.results { scroll-margin-top: 1rem; }
.part-head h2, .results h2 { margin: 0 0 0.35rem; }
.part-head { margin-bottom: 1.1rem; }
.part-head h2:focus-visible { outline-offset: 4px; }
@media (min-width: 48rem) {
  .part { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); gap: 2.5rem; }
  .part-head { margin: 0; }
}
@media (max-width: 30rem) {
  .bar .buttons { gap: 0.4rem; }
  .bar .buttons button, .bar .buttons .button { padding: 0.4rem 0.55rem; font-size: 0.9rem; }
  .check-head .check-title { flex-basis: 100%; }
}

.field { margin: 0 0 1.35rem; padding: 0; border: 0; min-width: 0; }
.part-body > .field:last-child, .panel-body > .field:last-child, .part-body > div > .field:last-child { margin-bottom: 0; }
.field .field { margin: 0; }
.label { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; margin-bottom: 0.35rem; }
legend { width: 100%; padding: 0; }
legend.label span:first-child { font-weight: 600; }
.source { color: var(--soft); font-size: 0.8rem; }
.suggestion { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; margin-top: 0.5rem; }
.suggestion .note { margin: 0; }
.choices { display: flex; flex-wrap: wrap; gap: 0.35rem 1.5rem; }
.row .said { margin: 0; }
.joined { display: flex; gap: 0.6rem; align-items: center; }
.joined input { flex: 1; min-width: 0; }

.panel { margin: 0 0 1.75rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--inset); }
.panel > summary { padding: 0.8rem 1rem; font-weight: 600; cursor: pointer; border-radius: 0.5rem; }
.panel > summary .note { font-weight: 400; margin-left: 0.35rem; }
#paste { margin-top: 0.35rem; }
.panel-body { padding: 0.35rem 1rem 1.1rem; }
#paste-panel { margin-bottom: 1rem; }
#paste-message:not(:empty) { margin: 0 0 1rem; }

.summary { margin: 0 0 0.5rem; font-weight: 600; overflow-wrap: anywhere; }
.summary:empty { margin: 0; }
.bar-said .note { margin: 0 0 0.5rem; color: var(--warn); }
.summary[data-tone="good"] { color: var(--good); }
.summary[data-tone="warn"] { color: var(--warn); }
.summary[data-tone="bad"] { color: var(--bad); }
.summary[data-tone]:not([data-tone=""])::before { margin-right: 0.5rem; }
.summary[data-tone="good"]::before { content: "✓" / ""; }
.summary[data-tone="warn"]::before { content: "!" / ""; }
.summary[data-tone="bad"]::before { content: "✕" / ""; }
.summary[data-tone="busy"]::before { content: "…" / ""; }
#results-passed > summary { padding: 0.75rem 0; cursor: pointer; color: var(--soft); border-top: 1px solid var(--line); }
#results-passed > summary::before { content: "✓ " / ""; color: var(--good); font-weight: 700; }
.to-field { justify-self: start; font-size: 0.92rem; }
progress { display: block; width: 100%; height: 0.4rem; margin: 0.75rem 0; accent-color: var(--accent); }

.checks, .history { list-style: none; margin: 0; padding: 0; }
.check { display: grid; grid-template-columns: 1.5rem minmax(0, 1fr); gap: 0.15rem 0.75rem; padding: 0.75rem 0; border-top: 1px solid var(--line); }
.check > * { grid-column: 2; }
.check > .icon {
  grid-column: 1; grid-row: 1; display: grid; place-items: center;
  width: 1.5rem; height: 1.5rem; border-radius: 50%; border: 2px solid var(--edge);
  color: var(--soft); font-size: 0.8rem; font-weight: 700; line-height: 1;
}
.check-head { display: flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; }
.check-title { font-weight: 600; }
.outcome { font-size: 0.85rem; font-weight: 600; color: var(--soft); }
.time { margin-left: auto; color: var(--soft); font-size: 0.8rem; font-variant-numeric: tabular-nums; }
.check p { margin: 0; font-size: 0.92rem; overflow-wrap: anywhere; }
.check .detail { color: var(--soft); }
.check .hint { margin-top: 0.35rem; padding-left: 0.75rem; border-left: 3px solid var(--line); }
.check[data-outcome="passed"] .outcome { color: var(--good); }
.check[data-outcome="failed"] .outcome { color: var(--bad); }
.check[data-outcome="warning"] .outcome { color: var(--warn); }
.check[data-outcome="passed"] .icon { background: var(--good); border-color: var(--good); color: var(--sheet); }
.check[data-outcome="failed"] .icon { background: var(--bad); border-color: var(--bad); color: var(--sheet); }
.check[data-outcome="warning"] .icon { background: var(--warn); border-color: var(--warn); color: var(--sheet); }
.check[data-outcome="failed"] .hint { border-color: var(--bad); }
.check[data-outcome="warning"] .hint { border-color: var(--warn); }
.check[data-outcome="running"] .icon { border-color: var(--accent); border-right-color: transparent; animation: turn 0.9s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .check[data-outcome="running"] .icon { animation: none; } }

#other-cloud { margin-bottom: 1.35rem; }
#review-outcome:not(:empty) { margin: 1rem 0; }
.row select { flex: 1 1 12rem; width: auto; }
.review-table { overflow-x: auto; }
.review-table table { width: 100%; border-collapse: collapse; }
.review-table th, .review-table td { padding: 0.4rem 0.75rem 0.4rem 0; text-align: left; vertical-align: top; font-weight: normal; border-bottom: 1px solid var(--line); }
.review-table thead th { color: var(--soft); }

.history li { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
.history li:first-child { padding-top: 0; }
.version { display: inline-flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; }
.version code { color: var(--soft); }
.history-buttons { display: inline-flex; flex-wrap: wrap; gap: 0.5rem; margin-left: auto; }
.changes { flex-basis: 100%; }
.changes summary { color: var(--soft); font-size: 0.9rem; cursor: pointer; }
.changes ul { margin: 0.35rem 0 0; padding-left: 1.2rem; font-size: 0.92rem; overflow-wrap: anywhere; }
.option { margin-bottom: 0.75rem; }
.option .note { margin: 0.1rem 0 0 1.7rem; }
.rows { width: 100%; border-collapse: collapse; }
.rows caption { text-align: left; font-weight: 600; padding-bottom: 0.35rem; }
.rows th { text-align: left; color: var(--soft); font-size: 0.85rem; font-weight: 600; padding: 0 0.5rem 0.35rem 0; }
.rows td { padding: 0 0.5rem 0.5rem 0; vertical-align: top; }
.rows td:first-child { width: 48%; }
.conflict { display: grid; gap: 0.75rem; margin: 0.75rem 0; }
.conflict .field { margin: 0; }
.conflict legend { font-weight: 600; }
.conflict .choice { display: flex; overflow-wrap: anywhere; }
.said p, .said ul { margin: 0 0 0.35rem; }
.said ul { padding-left: 1.2rem; overflow-wrap: anywhere; }
.fault p, .fault ul { margin: 0; padding-left: 0; }
.fault ul { padding-left: 1.2rem; }
dialog { max-width: min(34rem, calc(100vw - 2rem)); padding: 1.5rem; border: 1px solid var(--edge); border-radius: 0.75rem; background: var(--sheet); color: var(--text); }
dialog::backdrop { background: rgb(0 0 0 / 0.5); }
dialog h2 { margin: 0 0 0.75rem; }
dialog ul { margin: 0 0 1.25rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
dialog li { margin-bottom: 0.5rem; }
dialog .buttons { justify-content: flex-end; }
@media (max-width: 30rem) {
  .rows, .rows tbody, .rows tr, .rows td { display: block; }
  .rows caption { display: block; }
  .rows td:first-child { width: auto; }
  .rows thead { position: absolute; clip-path: inset(50%); }
  .rows tr { margin-bottom: 0.75rem; }
  #cancel { margin-left: 0; }
  .review-table :is(table, tbody, tr, th, td) { display: block; }
  .review-table thead { position: absolute; clip-path: inset(50%); }
  .review-table tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  .review-table tbody :is(th, td) { padding: 0; border: 0; overflow-wrap: anywhere; }
  .review-table tbody th { font-weight: 600; }
  .review-table td:nth-child(3):not(:empty)::before { content: "Loses: "; color: var(--soft); }
}
.foot { margin: 0; padding-top: 1.25rem; border-top: 1px solid var(--line); }
`
