export function render({ model }) {
  const link = document.createElement("a");
  link.className = "link";
  const show = () => {
    link.textContent = model.query ? "Copy the link" : "Too long for a link";
    if (model.query) link.href = model.query;
    else link.removeAttribute("href");
    // Without a new entry in the history: going back leaves the page, not a field.
    window.history.replaceState(null, "", window.location.pathname + model.query);
  };
  link.addEventListener("click", async (event) => {
    if (!navigator.clipboard) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(link.href);
      link.textContent = "Copied";
    } catch {
      window.location.assign(link.href);
    }
  });
  model.on("query", show);
  show();
  return link;
}
