export function render({ model }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  const show = () => { button.textContent = model.label; button.disabled = model.disabled; };
  button.addEventListener("click", () => model.send_msg("press"));
  model.on(["label", "disabled"], show);
  model.on("msg:custom", (message) => {
    const bytes = Uint8Array.from(atob(message.data), (character) => character.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  show();
  return button;
}
