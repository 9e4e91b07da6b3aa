using System.Net;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>
/// The error log of Apache or nginx. After each request another one carries the header <c>X-CRS-Test</c>, which a rule logs: what stands before that line belongs
/// to the request. The server must run as one process, or a line may come late.
/// </summary>
internal sealed class ErrorLog(string file, IPEndPoint server) : IRuleLog
{
    private const string Header = "X-CRS-Test";
    private const int Tries = 50;

    private long position;
    private bool isDelimited;

    public async Task BeginAsync(string mark)
    {
        if (!isDelimited) await DelimitAsync(mark + "-begin");
        isDelimited = false;
    }

    public async Task<RuleHits> EndAsync(string mark, RawResponse response)
    {
        var lines = await DelimitAsync(mark + "-end");
        isDelimited = true;
        return RuleHits.FromLines(lines);
    }

    /// <summary>Returns the lines up to the mark and goes behind it.</summary>
    private async Task<IReadOnlyList<string>> DelimitAsync(string mark)
    {
        var request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{Header}: {mark}\r\n\r\n");
        var text = string.Empty;
        for (var tries = 0; tries < Tries; tries++)
        {
            await RawHttpClient.SendAsync(server, request);
            text = await ReadAsync();
            if (text.IndexOf($"{Header} {mark}\"", StringComparison.Ordinal) is var at and >= 0)
            {
                position += text.IndexOf('\n', at) + 1;
                var lines = text[..at].Split('\n');
                return [.. lines[..^1].Where(line => !line.Contains($"msg \"{Header} ", StringComparison.Ordinal))];
            }
        }

        throw new InvalidOperationException($"The mark {mark} does not appear in {file}; after the last one it holds: {text}");
    }

    private async Task<string> ReadAsync()
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = position;
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
