export function render({ model }) {
  const text = document.createElement("div");
  const show = () => { text.innerHTML = model.html; };
  model.on("html", show);
  show();
  return text;
}
