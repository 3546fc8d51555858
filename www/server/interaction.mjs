import { readBody } from "./endpoints.mjs";
import { paths, person } from "./provider.mjs";
import { signInPage } from "./sign-in-page.mjs";

/** Who is always the user here. */
const accountId = "ada";

/** No script, and no frame that could have a user click on what is not seen. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'";

/**
 * The sign-in page: whoever comes is Ada Lovelace, and says yes at once, unless the setting `AskUser` lets the user say it;
 * or no.
 */
export function interaction({ provider, settings }) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${paths.interaction}/`)) return next();
    const { prompt, params } = await provider.interactionDetails(
      ctx.req,
      ctx.res,
    );
    if (settings.values.IsolatePages) {
      ctx.set("Cross-Origin-Opener-Policy", "same-origin");
    }
    const asks = settings.values.AskUser && prompt.name === "login";
    if (asks && ctx.method === "GET") {
      ctx.type = "html";
      ctx.set("Content-Security-Policy", pagePolicy);
      ctx.body = signInPage(params, person(accountId));
      return;
    }
    ctx.respond = false;
    const denied = asks && (await readBody(ctx.req)).includes("no");
    const result = denied
      ? { error: "access_denied", error_description: "The user said no." }
      : { login: { accountId }, ...(await consent(provider, params)) };
    await provider.interactionFinished(ctx.req, ctx.res, result, {
      mergeWithLastSubmission: false,
    });
  };
}

async function consent(provider, { client_id: clientId, scope, resource }) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  for (const it of [resource ?? []].flat()) grant.addResourceScope(it, scope);
  return { consent: { grantId: await grant.save() } };
}
