// A real OpenID Connect provider for the sign-in tests: loopback only, everything in memory, any password is right.
// Arguments: port, client id, client secret, and the accounts as JSON {login name: claims of the ID token}.

// Debian's Node.js 18 lacks this one function that the library calls.
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);
const { Provider } = await import("oidc-provider");

const [port, clientId, clientSecret, accounts] = process.argv.slice(2);
const claimsOf = JSON.parse(accounts);
const callback = "http://127.0.0.1/oauth2callback";

const page = (body) => `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Test provider</title><body>${body}</body></html>`;
const leave = '<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>';
const form = `<form method="post"><label>Account <input name="login"></label>
  <button type="submit">Sign in</button> <button type="submit" name="cancel" value="yes">Cancel</button></form>`;

async function textOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      // A native client may come back to any port of the loopback address: each test starts apps on ports of its own.
      application_type: "native",
      redirect_uris: [callback],
      post_logout_redirect_uris: [callback],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  scopes: ["openid", "profile", "groups"],
  claims: { openid: ["sub"], profile: ["name"], groups: ["groups"] },
  conformIdTokenClaims: false, // Candor reads the ID token only, so the claims must stand in it
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false }, // the library's own pages ask a font service for their letters
    rpInitiatedLogout: { enabled: true, logoutSource: (context, form) => (context.body = page(form + leave)) },
  },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ["only-for-tests"] },
  findAccount: (_context, login) => ({
    accountId: login,
    claims: () => ({ sub: login, ...claimsOf[login] }),
  }),
  // The client is our own: nobody is asked for consent.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid profile groups");
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return next();
  if (context.method === "GET") {
    context.body = page(form);
    return;
  }
  const sent = new URLSearchParams(await textOf(context.req));
  const cancelled = { error: "access_denied", error_description: "the person cancelled" };
  const signedIn = { login: { accountId: sent.get("login") }, consent: {} };
  const result = sent.has("cancel") ? cancelled : signedIn;
  await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: false });
  context.respond = false;
});

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
