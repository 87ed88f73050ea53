export function render({ model }) {
  const group = document.createElement("fieldset");
  group.className = "choice";
  const legend = document.createElement("legend");
  legend.textContent = model.label;
  group.append(legend);
  const inputs = model.options.map((option) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = "choice";
    input.value = option;
    input.addEventListener("change", () => { model.value = option; });
    const text = document.createElement("span");
    text.textContent = option;
    label.append(input, text);
    group.append(label);
    return input;
  });
  const show = () => inputs.forEach((input) => { input.checked = input.value === model.value; });
  model.on("value", show);
  show();
  return group;
}
