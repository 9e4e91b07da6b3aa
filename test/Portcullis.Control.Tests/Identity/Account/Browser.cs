using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using Portcullis.Control.Identity.Sessions;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>What a browser does with the pages: keeps cookies, sends forms with their hidden fields and an origin. It does not follow redirects by itself.</summary>
internal sealed partial class Browser(AccountNode node, string address) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null }) { Timeout = Eventually.Patience };

    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Fields of every request; null leaves one out that would be there.</summary>
    public Dictionary<string, string?> Fields { get; } = new(StringComparer.Ordinal)
    {
        ["Host"] = "issuer.example",
        ["Origin"] = "https://issuer.example",
        ["X-Forwarded-Proto"] = "https",
        ["X-Forwarded-For"] = address,
        ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    };

    public bool IsSignedIn => Cookies.ContainsKey(SessionCookie.Name);

    public string? Session => Cookies.GetValueOrDefault(SessionCookie.Name);

    public void Dispose() => http.Dispose();

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>Sends a form.</summary>
    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields)
        => SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Sends the form of a page, hidden fields and all.</summary>
    public Task<Answer> PostAsync(string path, Answer page, params (string Name, string Value)[] fields)
        => PostAsync(path, [.. fields, .. page.Hidden(path).Where(hidden => !fields.Any(field => field.Name == hidden.Name))]);

    public Task<Answer> SignInAsync(string name = "ada", string password = AccountNode.Password, params (string Name, string Value)[] more)
        => PostAsync("/account/sign-in", [("name", name), ("password", password), .. more]);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken = default)
    {
        // The limit by address of all built-in endpoints is not what is tested here.
        node.Clock.Advance(TimeSpan.FromMilliseconds(60));
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{node.Port}{path}") { Content = content };
        foreach (var (name, value) in Fields)
        {
            if (value is not null && (name != "Origin" || method == HttpMethod.Post)) request.Headers.TryAddWithoutValidation(name, value);
        }

        if (Cookies.Count > 0) request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));

        // A clock that jumps ends connections that are idle.
        request.Headers.ConnectionClose = true;
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = new Answer(response, await response.Content.ReadAsStringAsync(cancellationToken));
        foreach (var field in answer.SetCookies)
        {
            var pair = field.Split(';')[0].Split('=', 2);
            if (field.Contains("Max-Age=0", StringComparison.Ordinal)) Cookies.Remove(pair[0]);
            else Cookies[pair[0]] = pair[1];
        }

        return answer;
    }

    internal sealed partial record Answer
    {
        public Answer(HttpResponseMessage response, string body)
        {
            Status = response.StatusCode;
            Body = body;
            Location = response.Headers.Location?.OriginalString ?? string.Empty;
            SetCookies = response.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [];
            Fields = response.Headers.Concat(response.Content.Headers).ToDictionary(field => field.Key, field => string.Join(", ", field.Value), StringComparer.OrdinalIgnoreCase);
        }

        public HttpStatusCode Status { get; }

        public string Body { get; }

        public string Location { get; }

        public IReadOnlyList<string> SetCookies { get; }

        public IReadOnlyDictionary<string, string> Fields { get; }

        /// <summary>What is the same in two answers of one kind: nonces, challenges and ids aside.</summary>
        public string Shape => Varying().Replace(Body, "?");

        /// <summary>Hidden fields of the form that goes to a path.</summary>
        public IReadOnlyList<(string Name, string Value)> Hidden(string action)
        {
            var form = Form().Matches(Body).FirstOrDefault(match => match.Groups["action"].Value == action);
            Assert.True(form is not null, $"no form to {action} in {Body}");
            return [.. HiddenField().Matches(form.Value).Select(match => (match.Groups["name"].Value, HttpUtility.HtmlDecode(match.Groups["value"].Value)))];
        }

        public string Attribute(string name) => HttpUtility.HtmlDecode(Regex.Match(Body, name + "=\"([^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value);

        [GeneratedRegex("nonce=\"[^\"]*\"|name=\"challenge\" value=\"[^\"]*\"|data-options=\"[^\"]*\"|id=\"name\" [^>]*>", RegexOptions.None, 5000)]
        private static partial Regex Varying();

        [GeneratedRegex("<form[^>]*action=\"(?<action>[^\"]*)\".*?</form>", RegexOptions.Singleline, 5000)]
        private static partial Regex Form();

        [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\"[^>]*value=\"(?<value>[^\"]*)\"", RegexOptions.None, 5000)]
        private static partial Regex HiddenField();
    }
}
