/** What an app is told for a scope (OpenID Connect Core §5.4), in the user's words. */
const meanings = { profile: "your name", email: "your email address" };

/** The page on which `person` says yes or no to what the `params` of a request ask for. It has the demo's colours and type. */
export function signInPage({ client_id: client, scope }, { name, email }) {
  const told = Object.keys(meanings)
    .filter((it) => scope.split(" ").includes(it))
    .map((it) => meanings[it]);
  const more = told.length ? `, and will be told ${told.join(" and ")}` : "";
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Sign in</title>
    <link rel="icon" href="/icon.svg">
    <link rel="stylesheet" href="/theme.css">
    <link rel="stylesheet" href="/sign-in.css">
  </head>
  <body>
    <main>
      <p class="wordmark">The demo’s authorization server</p>
      <h1>Sign in</h1>
      <p><code>${escape(client)}</code> would like to know who you are${more}.</p>
      <p class="person">
        <img src="/icon.svg" alt="">
        <span><b>${name}</b> <span>${email}</span></span>
      </p>
      <form method="post">
        <button class="primary" name="answer" value="yes">Continue</button>
        <button name="answer" value="no">Cancel</button>
      </form>
      <p class="hint">No password: everybody is ${name} here.</p>
    </main>
  </body>
</html>`;
}

/** The page that ends the server's session by `form`, on its own; it is seen for a blink, so it has only the right colour. */
export function signOutPage(form) {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="color-scheme" content="light dark">
  <title>Signing out</title>
  <link rel="stylesheet" href="/theme.css">
  ${form}
  <input type="hidden" form="op.logoutForm" name="logout" value="yes">
  <script>document.forms[0].submit()</script>
</html>`;
}

function escape(text) {
  return text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt()};`);
}
