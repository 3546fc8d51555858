/** The switch for what goes wrong on the way to the token endpoint, the same in all tabs. */
export class Faults {
  #form;
  #faults;

  /** Fills the form with the faults that the server's proxy knows; without a proxy there is no switch. */
  static async open(form) {
    const response = await fetch("/faults");
    const { faults } = response.ok ? await response.json() : { faults: [] };
    return new Faults(form, faults);
  }

  constructor(form, faults) {
    this.#form = form;
    this.#faults = faults;
    const { fault, once, lasting } = form.elements;
    fault.append(...faults.map(({ name }) => new Option(name)));
    fault.addEventListener("change", () => {
      this.#explain();
      if (isOn(once) || isOn(lasting)) this.#ask(isOn(lasting));
    });
    for (const button of [once, lasting]) {
      button.addEventListener("click", () =>
        isOn(button) ? put({}) : this.#ask(button === lasting),
      );
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#explain();
    form.hidden = faults.length === 0;
  }

  /** `current`: the fault that the next token request will have, `{ name, untilOff }`, or null. */
  show(current) {
    const { fault, once, lasting } = this.#form.elements;
    if (current) fault.value = current.name;
    once.setAttribute("aria-pressed", current?.untilOff === false);
    lasting.setAttribute("aria-pressed", current?.untilOff === true);
    this.#explain();
  }

  #ask(untilOff) {
    return put({ name: this.#form.elements.fault.value, untilOff });
  }

  #explain() {
    const { value } = this.#form.elements.fault;
    const { does, rotates } =
      this.#faults.find(({ name }) => name === value) ?? {};
    const what = does ? `${capitalized(does)}.` : "";
    this.#form.querySelector(".hint").textContent = rotates
      ? `${what} The server has rotated.`
      : what;
  }
}

/** A sentence begins with a capital; an error code, which has underscores, is none to be changed. */
function capitalized(text) {
  return /^[a-z]+_/.test(text) ? text : text[0].toUpperCase() + text.slice(1);
}

function isOn(button) {
  return button.getAttribute("aria-pressed") === "true";
}

function put(fault) {
  return fetch("/faults", { method: "PUT", body: JSON.stringify(fault) });
}
