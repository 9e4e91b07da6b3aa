namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Field names, values and lines (RFC 9110 §5, RFC 9112 §5).</summary>
internal static class HostileFields
{
    private const string Get = "GET /seen HTTP/1.1\r\nHost: a\r\n";
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

    public static TheoryData<string, string, int, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, int, string>
            {
                { "no colon", Get + "X\r\n\r\n", 400, "" },
                { "no name", Get + ": y\r\n\r\n", 400, "" },
                { "space before the colon", Get + "X : y\r\n\r\n", 400, "" },
                { "space before the name", Get + " X: y\r\n\r\n", 400, "" },
                { "folded", Get + "X: y\r\n z\r\n\r\n", 400, "" },
                { "folded by a tab", Get + "X: y\r\n\tz\r\n\r\n", 400, "" },
                { "folded into nothing", Get + "X: y\r\n \r\n\r\n", 400, "" },
                { "bare LF between fields", Get + "X: y\nZ: z\r\n\r\n", 400, "" },
                { "bare CR between fields", Get + "X: y\rZ: z\r\n\r\n", 400, "" },
                { "LF CR between fields", Get + "X: y\n\rZ: z\r\n\r\n", 400, "" },
                { "CR CR LF between fields", Get + "X: y\r\r\nZ: z\r\n\r\n", 400, "" },
                { "bare LFs at the end", Get + "X: y\n\n" + Hidden, 400, "" },
                { "CR LF LF at the end", Get + "X: y\r\n\n" + Hidden, 400, "" },
                { "LF CR LF at the end", Get + "X: y\n\r\n" + Hidden, 400, "" },
                { "CR CR at the end", Get + "X: y\r\n\r\r\n" + Hidden, 400, "" },
                { "bare CR last in a value", Get + "X: y\r\r\n\r\n", 400, "" },
                { "large field", Get + "X: " + new string('y', 40_000) + "\r\n\r\n", 431, "" },
                { "long name", Get + new string('x', 40_000) + ": y\r\n\r\n", 431, "" },
                { "many fields", Get + string.Concat(Enumerable.Repeat("X: y\r\n", 101)) + "\r\n", 431, "" },
                { "octets above 127 in a value", Get + "X: \u00e9\u00ff\r\n\r\n", 200, "/seen" },
                { "tab in a value", Get + "X: y\tz\r\n\r\n", 200, "/seen" },
                { "empty value", Get + "X:\r\n\r\n", 200, "/seen" },
                { "all characters of a token", Get + "!#$%&'*+-.^_`|~0aA: y\r\n\r\n", 200, "/seen" },
                { "connection-specific fields", Get + "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\nUpgrade: h2c\r\nConnection: X-Own\r\nX-Own: 1\r\n\r\n", 200, "/seen" },
                { "Proxy-Authorization", Get + "Proxy-Authorization: Basic eDp5\r\n\r\n", 200, "/seen" },
                { "Connection of many commas", Get + "Connection: ,,,close,,,\r\n\r\n", 200, "/seen" },
                { "Connection names Authorization", Get + "Connection: close, Authorization\r\nAuthorization: x\r\n\r\n", 400, "" },
                { "Connection names X-Forwarded-For", Get + "Connection: X-Forwarded-For\r\n\r\n", 400, "" },
                { "Connection names our own field", Get + "Connection: Portcullis-Subject\r\n\r\n", 400, "" },
                { "Connection is no token", Get + "Connection: (x)\r\n\r\n", 400, "" },
                { "unknown expectation", Get + "Expect: 200-ok\r\n\r\n", 417, "" },
            };

            foreach (var octet in Enumerable.Range(0, 32).Append(127).Except([9, 10, 13]))
                rows.Add($"control character 0x{octet:x2} in a value", $"{Get}X: y{(char)octet}z\r\n\r\n", 400, "");
            foreach (var character in "\0\u0001\t \"(),/;<=>?@[\\]{}\u007f\u0080\u00e9\u00ff")
                rows.Add($"octet 0x{(int)character:x2} in a name", $"{Get}X{character}Y: z\r\n\r\n", 400, "");
            return rows;
        }
    }
}
