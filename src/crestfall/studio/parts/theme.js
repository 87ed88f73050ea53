export function render({ model }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  const show = () => {
    button.textContent = model.dark ? "Light" : "Dark";
    button.setAttribute("aria-label", model.dark ? "Use light colours" : "Use dark colours");
  };
  button.addEventListener("click", () => { model.dark = !model.dark; });
  model.on("dark", show);
  if (window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches) model.dark = true;
  show();
  return button;
}
