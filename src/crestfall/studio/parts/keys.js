// Keys for the whole page, and names for its figures, which are canvases deep in shadow trees.
const active = () => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
};
const canvases = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
  ...(element.classList.contains("bk-Canvas") ? [element] : []),
  ...(element.shadowRoot ? canvases(element.shadowRoot) : []),
]);

export function render({ model }) {
  const press = (event) => {
    if (event.key === "Escape") model.send_msg("stop");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const field = active();
      field?.blur?.();  // which hands over what was typed
      field?.focus?.();
      model.send_msg("go");
    }
  };
  document.addEventListener("keydown", press);
  const name = () => canvases(document).forEach((canvas, k) => {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", model.figures[k] ?? "Figure");
  });
  const timer = setInterval(name, 1000);
  model.on("remove", () => { document.removeEventListener("keydown", press); clearInterval(timer); });
  return document.createElement("span");
}
