using Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>Makes requests out of those of the regression tests. The same seed and number give the same request, whatever was made before.</summary>
internal sealed class RequestMutator
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Boundary = "----portcullis7d4a6d158c9";

    private static readonly string[] Names = ["id", "q", "file", "url", "cmd", "user[name]", "a.b", "json", "__proto__", "x-y", "session"];
    private static readonly string[] HeaderNames = ["User-Agent", "Referer", "Cookie", "X-Forwarded-For", "Accept", "Accept-Language", "Range", "X-Custom", "Authorization", "Origin", "X-Filename"];
    private static readonly string[] ContentTypes = [Form, "application/json", "text/xml", "text/plain", "application/xml", "multipart/form-data; boundary=" + Boundary, "application/octet-stream", Form + "; charset=utf-8", Form + "; charset=utf-7", string.Empty];

    private readonly byte[][] requests;
    private readonly string[] payloads;
    private readonly int seed;

    public RequestMutator(IEnumerable<RegressionCase> cases, int seed)
    {
        this.seed = seed;
        var usable = cases.SelectMany(each => each.Stages).Select(stage => stage.Request).Where(request => request.Length < 20_000 && MutableRequest.Parse(request) is not null);
        requests = [.. usable];
        payloads = [.. requests.SelectMany(request => Values(MutableRequest.Parse(request)!)).Where(value => value.Length is > 0 and < 2_000).Distinct(StringComparer.Ordinal)];
    }

    public byte[] Make(int number)
    {
        var random = new Random(HashCode(seed, number));
        var request = MutableRequest.Parse(requests[random.Next(requests.Length)])!;
        for (var steps = random.Next(1, 4); steps > 0; steps--) Mutate(request, random);
        return request.Write();
    }

    /// <summary>The same in every process, unlike that of the library.</summary>
    private static int HashCode(int seed, int number) => unchecked((seed * (int)2654435761) ^ (number * 40503));

    private static IEnumerable<string> Values(MutableRequest request)
    {
        foreach (var part in request.Query) yield return part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..];
        foreach (var (name, value) in request.Headers)
        {
            if (!name.StartsWith("Accept", StringComparison.OrdinalIgnoreCase) && !name.Equals("Host", StringComparison.OrdinalIgnoreCase)) yield return value;
        }

        if (!request.ContentType.StartsWith(Form, StringComparison.OrdinalIgnoreCase)) yield return request.Body;
        else foreach (var part in request.Body.Split('&')) yield return part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..];
    }

    private void Mutate(MutableRequest request, Random random)
    {
        var payload = Encodings.Apply(payloads[random.Next(payloads.Length)], random);
        switch (random.Next(14))
        {
            case 0 or 1:
                request.Query.Add($"{Name(random)}={payload}");
                break;
            case 2:
                request.Query.Add(payload);
                break;
            case 3 when request.Query.Count > 0:
                var at = random.Next(request.Query.Count);
                request.Query[at] = Encodings.Apply(request.Query[at], random);
                break;
            case 4:
                SetBody(request, Form, string.Join('&', Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{Name(random)}={Some(random)}")));
                break;
            case 5:
                SetBody(request, "application/json", $$"""{ "{{Name(random)}}": { "items": [1, true, null, "{{Json(payload)}}"], "{{Json(Some(random))}}": "x" } }""");
                break;
            case 6:
                SetBody(request, "text/xml", $"<?xml version=\"1.0\"?><root a=\"{Xml(payload)}\"><item>{Xml(Some(random))}</item><item>{Xml(Some(random))}</item></root>");
                break;
            case 7:
                SetBody(request, "multipart/form-data; boundary=" + Boundary, Multipart(random, payload));
                break;
            case 8:
                request.SetHeader(HeaderNames[random.Next(HeaderNames.Length)], payload);
                break;
            case 9:
                request.SetHeader("Cookie", string.Join("; ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{Name(random)}={Some(random)}")));
                break;
            case 10 when request.Headers.Count > 0:
                var header = random.Next(request.Headers.Count);
                if (random.Next(2) == 0) request.Headers.RemoveAt(header);
                else request.Headers[header] = (request.Headers[header].Name, Encodings.Apply(request.Headers[header].Value, random));
                break;
            case 11:
                request.Body = Encodings.Apply(request.Body, random);
                break;
            case 12:
                request.SetHeader("Content-Type", ContentTypes[random.Next(ContentTypes.Length)]);
                break;
            default:
                request.Path = "/" + Encodings.Apply(request.Path.TrimStart('/'), random) + (random.Next(3) == 0 ? "/" + payload : string.Empty);
                break;
        }
    }

    private static void SetBody(MutableRequest request, string type, string body)
    {
        if (request.Method is "GET" or "HEAD") request.Method = "POST";
        request.SetHeader("Content-Type", type);
        request.Body = body;
    }

    private static string Name(Random random) => Names[random.Next(Names.Length)];

    private string Some(Random random) => Encodings.Apply(payloads[random.Next(payloads.Length)], random);

    private string Multipart(Random random, string payload)
    {
        var file = random.Next(2) == 0 ? $"; filename=\"{Some(random).Replace("\"", "%22", StringComparison.Ordinal).ReplaceLineEndings(string.Empty)}\"\r\nContent-Type: text/plain" : string.Empty;
        return $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{Name(random)}\"\r\n\r\n{payload}\r\n"
            + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{Name(random)}\"{file}\r\n\r\n{Some(random)}\r\n--{Boundary}--\r\n";
    }

    private static string Json(string text) => string.Concat(text.Select(c => c switch
    {
        '"' or '\\' => $"\\{c}",
        < ' ' => $"\\u{(int)c:x4}",
        >= '\x7f' => $"\\u{(int)c:x4}",
        _ => $"{c}",
    }));

    private static string Xml(string text) => string.Concat(text.Where(c => c is >= ' ' and < '\x7f' or '\t' or '\n').Select(c => c switch
    {
        '<' => "&lt;",
        '&' => "&amp;",
        '"' => "&quot;",
        _ => $"{c}",
    }));
}
