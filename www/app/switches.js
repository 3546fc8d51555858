/** How the next sign-in goes, `{ popup, dpop, par }`: kept for this tab, so that it outlives the way to the server and back. */
export class Switches {
  #form;

  /** `onChange` is called when somebody has flipped one. */
  constructor(form, onChange) {
    this.#form = form;
    const stored = JSON.parse(sessionStorage.getItem("switches") ?? "{}");
    for (const box of form.elements) box.checked = stored[box.name] ?? false;
    form.addEventListener("change", () => {
      sessionStorage.setItem("switches", JSON.stringify(this.values));
      onChange();
    });
  }

  get values() {
    const boxes = [...this.#form.elements];
    return Object.fromEntries(boxes.map((it) => [it.name, it.checked]));
  }
}
