// "/" puts the cursor into the search box of the frame, unless something is being typed already.
const TYPED_INTO = "input, textarea, select, [contenteditable=true]"

export default function () {
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
