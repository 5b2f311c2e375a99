// A real OpenID Connect provider for the sign-in tests: loopback only, everything in memory, any password is right.
// Arguments: port, client id, client secret, and the accounts as JSON {login name: claims of the ID token}.
import { Provider } from "oidc-provider";

const [port, clientId, clientSecret, accounts] = process.argv.slice(2);
const claimsOf = JSON.parse(accounts);
const callback = "http://127.0.0.1/oauth2callback";

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      // A native client may come back to any port of the loopback address: each test starts apps on ports of their own.
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
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  cookies: { keys: ["only-for-tests"] },
  findAccount: (_context, login) => ({
    accountId: login,
    claims: () => ({ sub: login, ...claimsOf[login] }),
  }),
});

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
