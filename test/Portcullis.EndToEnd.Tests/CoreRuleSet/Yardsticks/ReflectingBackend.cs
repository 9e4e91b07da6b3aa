using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>
/// The application behind a firewall under test. It refuses nothing, however odd: 200 without a body, except that <c>POST /reflect</c> with a JSON object
/// answers with the <c>status</c>, <c>headers</c> and <c>body</c> (or <c>encodedBody</c>, in base64) that the object names, as the regression tests of CRS 4 expect.
/// </summary>
internal sealed class ReflectingBackend : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private Task accepting = Task.CompletedTask;

    private ReflectingBackend()
    {
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public static ReflectingBackend Start()
    {
        var backend = new ReflectingBackend();
        backend.listener.Start();
        backend.accepting = backend.AcceptAsync();
        return backend;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await accepting;
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopping.Token);
                served.RemoveAll(task => task.IsCompleted);
                served.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            while (await ReflectedRequest.ReadAsync(stream, stopping.Token) is { } request)
            {
                await stream.WriteAsync(Answer(request), stopping.Token);
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or SocketException)
        {
            // The firewall hung up, or the test is over.
        }
    }

    private static byte[] Answer(ReflectedRequest request)
    {
        var answer = request.IsReflection ? ReflectedAnswer.Parse(request.Body) : ReflectedAnswer.Empty;
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} {(HttpStatusCode)answer.Status}\r\n");
        foreach (var (name, value) in answer.AllHeaders) head.Append(name).Append(": ").Append(value).Append("\r\n");
        head.Append("\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. request.IsHead ? [] : answer.Body];
    }
}
