using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>What an exchange costs in memory. Alone in its collection: the count is of the whole process.</summary>
[Collection(nameof(AloneCollection))]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Rounds = 3_000;

    // Measured: 72. The runtime keeps state machines for reuse by thread and by core; a continuation that wanders between
    // threads may miss one of them each time, which makes it 360. Debug builds allocate one for each asynchronous call.
#if DEBUG
    private const int BudgetOfGet = 3_000;
#else
    private const int BudgetOfGet = 600;
#endif

    [Fact]
    public async Task Plain_get_of_a_kilobyte_stays_within_its_budget()
    {
        using var server = new BlockingServer(
            "HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Sun, 22 Nov 2026 11:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\nX-Own-Name: value\r\n\r\n"
            + new string('x', 1024));
        await using var client = new TestClient(server.Port);
        var transport = client.Transport;
        var request = TestClient.Request();
        request.Fields.Add(new("Accept", "*/*"));
        var headers = new HeaderDictionary(16);
        var writer = new FlushCountingWriter();
        using var token = new CancellationTokenSource();
        var each = 0L;
        await Task.Run(async () =>
        {
            // Outside of the test framework's context, whose own posting allocates.
            for (var i = -Rounds; i < Rounds; i++)
            {
                if (i == 0)
                    each = GC.GetTotalAllocatedBytes(precise: true);
                var response = (await transport.SendAsync(request, token.Token)).Response!;
                headers.Clear();
                response.CopyFieldsTo(headers);
                if ((await response.CopyBodyAsync(writer, TimeSpan.FromMinutes(1), token.Token)).Bytes != 1024)
                    throw new InvalidDataException("the body is not whole");
                await response.DisposeAsync();
            }

            each = (GC.GetTotalAllocatedBytes(precise: true) - each) / Rounds;
        });

        output.WriteLine($"{each} bytes for each GET");
        Assert.InRange(each, 0, BudgetOfGet);
    }

    /// <summary>Answers one connection from one thread without allocating.</summary>
    private sealed class BlockingServer : IDisposable
    {
        private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly byte[] response;

        public BlockingServer(string response)
        {
            this.response = Encoding.Latin1.GetBytes(response);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            new Thread(Serve) { IsBackground = true }.Start();
        }

        public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

        public void Dispose() => listener.Dispose();

        private void Serve()
        {
            try
            {
                using var socket = listener.Accept();
                socket.NoDelay = true;
                var buffer = new byte[4096];
                while (socket.Receive(buffer) > 0)
                    socket.Send(response);
            }
            catch (SocketException)
            {
                // The test is over.
            }
        }
    }
}

/// <summary>Tests that run while no other does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
