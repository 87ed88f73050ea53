export function render({ model }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "folded";
  const show = () => {
    button.textContent = model.label + (model.set ? ` (${model.set} set)` : "");
    button.setAttribute("aria-expanded", String(model.open));
  };
  button.addEventListener("click", () => { model.open = !model.open; });
  model.on(["label", "open", "set"], show);
  show();
  return button;
}
