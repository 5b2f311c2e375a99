// "/" puts the cursor into the search box of the frame, unless something is being typed already.
// A sure answer comes with an address of this app, which is opened as a link would.
const TYPED_INTO = "input, textarea, select, [contenteditable=true]"

export default function ({ data }) {
  if (data?.open) {
    const address = new URL(data.open, window.location.href)
    if (address.origin === window.location.origin) window.location.assign(address)
    return
  }
  const onKey = event => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing
    if (event.key !== "/" || !plain || event.target.closest?.(TYPED_INTO) || document.querySelector("[role=dialog]")) return
    const box = document.querySelector(".st-key-candor-ask-text input")
    if (!box) return
    event.preventDefault()
    box.focus()
    box.select()
  }
  document.addEventListener("keydown", onKey)
  return () => document.removeEventListener("keydown", onKey)
}
