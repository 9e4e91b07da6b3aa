using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>Sends bytes, each time on a new connection, and reads one HTTP/1 response.</summary>
internal static partial class RawHttpClient
{
    /// <summary>The largest response that is read.</summary>
    private const int Limit = 4 << 20;

    /// <summary>How long a server may say nothing before that counts as no answer: what the runner of CRS 3 waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<RawResponse> SendAsync(IPEndPoint server, byte[] request)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var received = new MemoryStream();
        try
        {
            await socket.ConnectAsync(server);
            await SendAsync(socket, request);
            var buffer = new byte[16 << 10];
            while (received.Length < Limit && !IsComplete(received, request))
            {
                using var patience = new CancellationTokenSource(Patience);
                var count = await socket.ReceiveAsync(buffer, patience.Token);
                if (count == 0) break;
                received.Write(buffer, 0, count);
            }
        }
        catch (SocketException failure)
        {
            if (received.Length == 0) return new(0, [], $"connection failed: {failure.SocketErrorCode}");
        }
        catch (OperationCanceledException)
        {
            if (received.Length == 0) return new(0, [], "no answer in time");
        }

        var bytes = received.ToArray();
        var status = StatusLine().Match(Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 64)));
        if (bytes.Length == 0) return new(0, bytes, "closed without an answer");
        return status.Success ? new(int.Parse(status.Groups[1].ValueSpan, CultureInfo.InvariantCulture), bytes, null) : new(0, bytes, "the answer is not HTTP");
    }

    /// <summary>A server may answer and close before it has read everything; its answer counts.</summary>
    private static async Task SendAsync(Socket socket, byte[] request)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            for (var sent = 0; sent < request.Length;) sent += await socket.SendAsync(request.AsMemory(sent), patience.Token);
        }
        catch (SocketException)
        {
        }
    }

    private static bool IsComplete(MemoryStream received, byte[] request)
    {
        var bytes = received.GetBuffer().AsSpan(0, (int)received.Length);
        var head = bytes.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        if (request.AsSpan().StartsWith("HEAD "u8)) return true;
        var text = Encoding.Latin1.GetString(bytes[..(head + 2)]);
        var body = bytes[(head + 4)..];
        if (NoBody().IsMatch(text)) return true;
        if (Chunked().IsMatch(text)) return body.EndsWith("0\r\n\r\n"u8);
        return Length().Match(text) is { Success: true } length && body.Length >= long.Parse(length.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\AHTTP/\d\.\d (\d{3})[ \r]")]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\AHTTP/\d\.\d (?:204|304)")]
    private static partial Regex NoBody();

    [GeneratedRegex(@"\r\nTransfer-Encoding: *chunked", RegexOptions.IgnoreCase)]
    private static partial Regex Chunked();

    [GeneratedRegex(@"\r\nContent-Length: *(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Length();
}
