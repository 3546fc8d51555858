import { complaint } from "./format.js";

/** Wires the buttons and the settings to the client, as `client()` gives it, and the server. */
export function listenToControls({ client, switches, tabs, element }) {
  const outcome = (text) => (element("outcome").textContent = text);
  // What a button does, with its failure shown in place.
  const on = (id, work) =>
    element(id).addEventListener("click", async () => {
      outcome("");
      try {
        outcome((await work()) ?? "");
      } catch (error) {
        outcome(complaint(error));
      }
    });

  on("sign-in", () =>
    client().signIn({ mode: switches.values.popup ? "popup" : "redirect" }),
  );
  on("sign-out", async () => {
    const { revoked } = await client().signOut();
    return revoked
      ? "Signed out here, and the tokens revoked. The server still knows who you are."
      : "Signed out here; the server could not be told.";
  });
  on("sign-out-there", async () => {
    await client().signOut({
      endSession: true,
      postLogoutRedirectUri: `${location.origin}/`,
    });
  });
  on("call-api", async () => {
    const url = new URL("/api/me", location.href);
    const headers = await client().authorize({ url, method: "GET" });
    const response = await fetch(url, { headers });
    tabs.mark("api");
    const { sub, expires_in, token_type, error } = await response.json();
    if (!response.ok) return `The API answered ${response.status}: ${error}.`;
    const left = `good for ${expires_in} s more`;
    return token_type === "DPoP"
      ? `The API knows ${sub}; this token is ${left}, and for this browser’s key only.`
      : `The API knows ${sub}; this token is ${left}.`;
  });
  on("open-tab", () => void window.open(location.href, "_blank", "noopener"));
  on("reload", () => location.reload());
  on("drop", async () => {
    const cut = element("drop").getAttribute("aria-pressed") === "true";
    await patch({ DropConnections: !cut });
  });

  element("settings").addEventListener("change", ({ target }) => {
    if (!target.checkValidity()) return target.reportValidity();
    const value =
      target.type === "checkbox" ? target.checked : target.valueAsNumber;
    patch({ [target.name]: value });
  });
}

/** Shows what makes sense with or without a session. */
export function showSession(session, element) {
  element("call-api").disabled = session === null;
  const [here, gone] = ["signed-in", "signed-out"].map(element);
  if (session) swap(here, gone);
  else swap(gone, here);
}

// Whoever stood on a button that goes finds the one that comes in its place.
function swap(shown, hidden) {
  if (hidden.hidden) return;
  const focused = hidden.contains(document.activeElement);
  shown.hidden = false;
  hidden.hidden = true;
  if (focused) shown.querySelector("button").focus();
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
