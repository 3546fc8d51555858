/** Wires the buttons and the settings to the client and the server. */
export function listenToControls({ client, tabs, element }) {
  const outcome = (text) => (element("outcome").textContent = text);
  // What a button does, with its failure shown in place.
  const on = (id, work) =>
    element(id).addEventListener("click", async () => {
      outcome("");
      try {
        outcome((await work()) ?? "");
      } catch (error) {
        outcome(`${error.code ?? error.name}: ${error.message}`);
      }
    });

  on("start", async () => {
    const response = await fetch("/dev/tokens", { method: "POST" });
    await client.setTokens(await response.json());
  });
  on("call-api", async () => {
    const token = await client.getAccessToken({ minValiditySeconds: 1 });
    const response = await fetch("/api/me", {
      headers: { Authorization: `Bearer ${token}` },
    });
    tabs.mark("api");
    const { sub, expires_in, error } = await response.json();
    return response.ok
      ? `The API knows ${sub}; this token is good for ${expires_in} s more.`
      : `The API answered ${response.status}: ${error}.`;
  });
  on("open-tab", () => void window.open(location.href, "_blank", "noopener"));
  on("reload", () => location.reload());
  on("drop", async () => {
    const cut = element("drop").getAttribute("aria-pressed") === "true";
    await patch({ DropConnections: !cut });
  });
  on("sign-out", async () => {
    const { revoked } = await client.signOut();
    return revoked
      ? "Signed out, and revoked at the server."
      : "Signed out here; the server could not be told.";
  });

  element("settings").addEventListener("change", ({ target }) => {
    if (!target.checkValidity()) return target.reportValidity();
    const value =
      target.type === "checkbox" ? target.checked : target.valueAsNumber;
    patch({ [target.name]: value });
  });
}

/** Enables what makes sense with or without a session. */
export function showSession(session, element) {
  element("start").disabled = session !== null;
  for (const id of ["call-api", "sign-out"]) {
    element(id).disabled = session === null;
  }
}

/** Shows the server's settings, but not over what somebody is typing. */
export function showSettings(settings, element) {
  element("drop").setAttribute("aria-pressed", settings.DropConnections);
  element("drop").textContent = settings.DropConnections
    ? "Mend the connection"
    : "Cut the connection";
  for (const input of element("settings").elements) {
    if (input === document.activeElement) continue;
    if (input.type === "checkbox") input.checked = settings[input.name];
    else input.value = settings[input.name];
  }
}

async function patch(changes) {
  await fetch("/settings", {
    method: "PATCH",
    body: JSON.stringify(changes),
  });
}
