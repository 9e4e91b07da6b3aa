using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>
/// A service behind the gateway that reads HTTP/1.1 to the letter and remembers what it got: whole requests, and every octet that a proxy
/// must not have let through. Answers each request with its target.
/// </summary>
internal sealed class StrictOrigin : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly List<StrictRequest> requests = [];
    private readonly List<string> violations = [];
    private readonly Task accepting;

    public StrictOrigin()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}";
        accepting = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>What came since the last call: whole requests, and what is wrong with any octet.</summary>
    public (IReadOnlyList<StrictRequest> Requests, IReadOnlyList<string> Violations) Take()
    {
        lock (gate)
        {
            var taken = (requests.ToArray(), violations.ToArray());
            requests.Clear();
            violations.Clear();
            return taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await listener.AcceptAsync(stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var reader = new StrictReader(stream, Violate);
        try
        {
            while (await reader.ReadAsync(stop.Token) is { } request)
            {
                lock (gate) requests.Add(request);
                var text = request.Method == "HEAD" ? string.Empty : request.Target;
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {request.Target.Length}\r\n\r\n{text}"), stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The gateway gave the request up.
        }
    }

    private void Violate(string what)
    {
        lock (gate) violations.Add(what);
    }
}
