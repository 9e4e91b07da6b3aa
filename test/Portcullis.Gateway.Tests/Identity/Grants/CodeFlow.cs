using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary>A client of the token service that can do everything, right or wrong.</summary>
internal sealed class CodeFlow : IAsyncDisposable
{
    public const string Redirect = "https://app.example/cb";
    public const string Issuer = "https://issuer.example";
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    private CodeFlow(TestGateway gateway, ManualTimeProvider clock)
    {
        Gateway = gateway;
        Clock = clock;
        Http = gateway.Client();
    }

    public TestGateway Gateway { get; }

    public ManualTimeProvider Clock { get; }

    public HttpClient Http { get; }

    /// <summary>The secret of <c>app</c>.</summary>
    public string Secret { get; private set; } = string.Empty;

    /// <summary>A gateway with the client <c>app</c>, which may do all there is, and the person <c>ada</c>.</summary>
    public static async Task<CodeFlow> StartAsync(string more = "", Func<IdentityServices, IdentityServices>? change = null)
    {
        var clock = new ManualTimeProvider();
        var gateway = await TestGateway.StartAsync(
            $$"""
            listeners: { public: { address: 127.0.0.1:0 } }
            identity: { issuer: "{{Issuer}}" }
            {{more}}
            """,
            clock,
            change: change);
        var flow = new CodeFlow(gateway, clock);
        (_, flow.Secret) = gateway.Clients.Add("app", Registered, "orders:read", "orders:write");
        gateway.People.Add("ada", "orders:read", "orders:list");
        return flow;
    }

    /// <summary>A registration for code and refresh token.</summary>
    public static OAuthClient Registered(OAuthClient client) => client with
    {
        Grants = [GrantNames.AuthorizationCode, GrantNames.RefreshToken, GrantNames.ClientCredentials],
        RedirectUris = [Redirect, "https://app.example/other?keep=1"],
    };

    /// <summary>The parameters of a right authorization request.</summary>
    public static Dictionary<string, string?> Request() => new(StringComparer.Ordinal)
    {
        ["response_type"] = "code",
        ["client_id"] = "app",
        ["redirect_uri"] = Redirect,
        ["scope"] = "openid profile email orders:read orders:write",
        ["state"] = "st&te=1",
        ["nonce"] = "n-0S6",
        ["code_challenge"] = Challenge,
        ["code_challenge_method"] = "S256",
    };

    public Task<HttpResponseMessage> AuthorizeAsync(Dictionary<string, string?>? parameters = null, string? who = "ada", string? rawQuery = null)
    {
        rawQuery ??= string.Join('&', (parameters ?? Request()).Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
        var request = new HttpRequestMessage(HttpMethod.Get, Gateway.Address("/oauth/authorize?" + rawQuery));
        if (who is not null) request.Headers.Add("Cookie", "who=" + who);
        return Http.SendAsync(request);
    }

    /// <summary>The parameters that an answer brings to the client.</summary>
    public static Dictionary<string, string> Answer(HttpResponseMessage response, string redirect = Redirect)
    {
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var location = response.Headers.Location!.OriginalString;
        Assert.StartsWith(redirect, location, StringComparison.Ordinal);
        var query = HttpUtility.ParseQueryString(new Uri(location).Query);
        return query.AllKeys.ToDictionary(key => key!, key => query[key]!, StringComparer.Ordinal);
    }

    public async Task<string> CodeAsync(Dictionary<string, string?>? parameters = null)
    {
        using var response = await AuthorizeAsync(parameters);
        return Answer(response)["code"];
    }

    /// <summary>Posts a form as <c>app</c>, unless it names another client. A null value leaves a field out.</summary>
    public async Task<Reply> PostAsync(string path, params (string Name, string? Value)[] fields)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["client_id"] = "app", ["client_secret"] = Secret };
        foreach (var (name, value) in fields)
        {
            if (value is null) form.Remove(name);
            else form[name] = value;
        }

        // The endpoints' own limit by address is not what is tested here.
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        using var request = new HttpRequestMessage(HttpMethod.Post, Gateway.Address(path)) { Content = new FormUrlEncodedContent(form) };

        // A clock that jumps ends connections that are idle.
        request.Headers.ConnectionClose = true;
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Reply((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public Task<Reply> RedeemAsync(string code, params (string Name, string? Value)[] fields)
        => PostAsync("/oauth/token", [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect), ("code_verifier", Verifier), .. fields]);

    public Task<Reply> RefreshAsync(string token, params (string Name, string? Value)[] fields)
        => PostAsync("/oauth/token", [("grant_type", "refresh_token"), ("refresh_token", token), .. fields]);

    /// <summary>Tokens for ada.</summary>
    public async Task<Reply> SignInAsync()
    {
        var reply = await RedeemAsync(await CodeAsync());
        Assert.Equal(200, reply.Status);
        return reply;
    }

    public async Task<bool> IsActiveAsync(string token) => (await PostAsync("/oauth/introspect", ("token", token))).Body.GetProperty("active").GetBoolean();

    public static string ChallengeOf(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        return Gateway.DisposeAsync();
    }

    internal sealed record Reply(int Status, JsonElement Body)
    {
        public string Access => Text("access_token");

        public string Refresh => Text("refresh_token");

        public string Error => Text("error");

        public string Text(string name) => Body.GetProperty(name).GetString()!;
    }
}
