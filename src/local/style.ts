/** The style sheet of all pages. The content security policy contains its hash. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #566070; --paper: #fff; --wall: #eceae5;
  --line: #cdc8be; --edge: #857d70; --door: #7a4a1f; --door-ink: #fff; --bad: #a5261b; --good: #1c6b3a }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceff4; --dim: #a7b0be; --paper: #20262f; --wall: #13171d; --line: #414a57; --edge: #7d8899;
    --door: #d99a5b; --door-ink: #1b1206; --bad: #ff9d92; --good: #8fdcaa }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  padding: clamp(1rem, 5vh, 4rem) 1rem; background: var(--wall); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { width: 100%; max-width: 27rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: .75rem; padding: clamp(1.1rem, 4vw, 2rem) }
header { display: flex; gap: .9rem; align-items: center; margin-bottom: 1.25rem }
header svg { flex: none; color: var(--door) }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0 }
h2 { font-size: 1rem; margin: 1.75rem 0 .25rem }
p { margin: .25rem 0 }
form + p { margin-top: 1.25rem }
small, .dim { color: var(--dim); font-size: .875rem }
a { color: inherit }
label { display: block; font-weight: 600; margin-top: 1rem }
label small { font-weight: 400 }
input, select, textarea, button { width: 100%; min-height: 2.75rem; margin-top: .35rem; padding: .5rem .75rem;
  font: inherit; color: inherit; background: transparent; border: 1px solid var(--edge); border-radius: .5rem }
select { background: var(--paper) }
textarea, code { font-family: ui-monospace, monospace; font-size: .95rem }
textarea { min-height: 5.5rem; font-size: 1rem; resize: vertical }
[aria-invalid] { border: 2px solid var(--bad) }
button { cursor: pointer; font-weight: 600; text-align: left; margin-top: .6rem }
button:hover { border-color: var(--door) }
button[name=as]::after { content: "\\2192"; float: right; color: var(--door) }
button.main { text-align: center; margin-top: 1.25rem; background: var(--door); border-color: var(--door);
  color: var(--door-ink) }
:focus-visible { outline: 3px solid var(--door); outline-offset: 2px }
summary { cursor: pointer; padding: .7rem 0; font-weight: 600 }
details { border-top: 1px solid var(--line); margin-top: 1.25rem }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .75rem }
.bad, .good { border-left: 4px solid; padding: .4rem .75rem; margin: .75rem 0 1rem }
.bad { color: var(--bad) } .good { color: var(--good) }
ul { list-style: none; margin: 0; padding: 0 }
li { border-top: 1px solid var(--line); padding: .6rem 0 } li:first-child { border: 0 }
footer { max-width: 27rem; padding: 1rem .5rem; text-align: center }
`;
