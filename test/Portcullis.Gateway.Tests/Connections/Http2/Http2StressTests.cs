using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Tests.Forwarding;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>
/// Many clients that reset, abort, stall and play with windows at random; after that nothing may be left of them. Runs for a moment, or as many
/// seconds as <c>PORTCULLIS_STRESS</c> says.
/// </summary>
public sealed class Http2StressTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("PORTCULLIS_STRESS"), out var seconds) ? seconds : 3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_clients_do_everything_ends(bool isTls)
    {
        var unobserved = new ConcurrentQueue<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += note;
        var logging = new SignalLogging();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var before = EventLoop.CountSockets();
        var counts = new Counts();
        await using (var upstream = await TransportKind.Http1.UpstreamAsync(AnswerAsync))
        {
            var gateway = await TestGateway.StartAsync(
                $$"""
                listeners:
                  public:
                    address: "127.0.0.1:0"
                    protocols: [http1, http2]
                    {{(isTls ? "tls: {}" : string.Empty)}}
                    limits: { http2: { resets: 1000000, controlFrames: 1000000, emptyFrames: 1000000 } }
                clusters: { main: { destinations: ["{{upstream.Address.GetLeftPart(UriPartial.Authority)}}"], timeout: 20s, connections: { maximum: 200 } } }
                routes: { all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } } }
                """,
                loggers: logging);
            var listener = gateway.Host.Listeners["public"];
            var until = Environment.TickCount64 + (long)Time.TotalMilliseconds;
            await Task.WhenAll(Enumerable.Range(0, 24).Select(index => Task.Run(async () =>
            {
                for (var round = 0; Environment.TickCount64 < until; round++)
                {
                    var client = new WildClient(new Random(HashCode.Combine(seed, index, round)), counts, isTls);
                    await client.RunAsync(listener.EndPoint);
                }
            })));

            TestContext.Current.TestOutputHelper?.WriteLine(counts.ToString());
            await Eventually.HoldsAsync(() => Task.FromResult(listener.Counters.Open == 0), $"connections end: {listener.Counters.Open}");
            var stopping = System.Diagnostics.Stopwatch.StartNew();
            await gateway.DisposeAsync();
            TestContext.Current.TestOutputHelper?.WriteLine($"stopped in {stopping.Elapsed.TotalSeconds} s; {Portcullis.Gateway.Buffers.BlockPool.Large.Free} {Portcullis.Gateway.Buffers.BlockPool.Small.Free} blocks");
            Assert.InRange(stopping.Elapsed.TotalSeconds, 0, 3);
        }

        await Eventually.HoldsAsync(() => Task.FromResult(EventLoop.CountSockets() <= before), $"sockets are gone: {EventLoop.CountSockets()} after {before}");
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= note;
        foreach (var error in logging.Errors.Take(3)) TestContext.Current.TestOutputHelper?.WriteLine(error);
        Assert.Empty(logging.Errors);

        // Other tests run in this process, one of them with a log that is broken.
        Assert.Empty(unobserved.Select(static e => e.ToString())
            .Where(static text => text.Contains("Portcullis.Gateway.Connections", StringComparison.Ordinal) && !text.Contains(nameof(BrokenLogging), StringComparison.Ordinal)).Take(5));
        Assert.Equal(0, counts.Stuck);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var buffer = new byte[16 * 1024];
        if (query["read"] == "all") while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) > 0) { }
        else if (query["read"] == "some") _ = await context.Request.Body.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, context.RequestAborted);
        if (query["status"] == "403") context.Response.StatusCode = 403;
        var size = int.Parse(query["size"]!, System.Globalization.CultureInfo.InvariantCulture);
        if (query["length"] == "yes") context.Response.ContentLength = size;
        if (query["break"] == "yes" && size > 1)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, 1));
            context.Abort();
            return;
        }

        while (size > 0)
        {
            var part = Math.Min(size, buffer.Length);
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, part), context.RequestAborted);
            if (query["flush"] == "yes") await context.Response.Body.FlushAsync(context.RequestAborted);
            size -= part;
        }

        if (query["length"] != "yes" && context.Response.SupportsTrailers()) context.Response.AppendTrailer("x-end", "yes");
    }

    private sealed class Counts
    {
        public int Connections, Streams, Ended, Reset, Stuck, Cut, Kept;
        public ConcurrentDictionary<string, int> Codes { get; } = new();

        public override string ToString() => $"{Connections} connections, {Streams} streams, {Ended} ended, {Reset} reset by the gateway, {Cut} cut, {Kept} ended properly, {Stuck} stuck; {string.Join(" ", Codes.Select(c => $"{c.Key}={c.Value}"))}";
    }

    private sealed class WildClient(Random random, Counts counts, bool isTls)
    {
        private readonly ConcurrentDictionary<int, bool> open = new(); // true: its body goes on
        private readonly SemaphoreSlim sending = new(1);
        private readonly ConcurrentQueue<byte[]> answers = new();
        private Socket socket = null!;
        private Stream stream = null!;
        private volatile bool isSlow;
        private volatile bool isGenerous = true;
        private long taken;

        public async Task RunAsync(IPEndPoint endPoint)
        {
            Interlocked.Increment(ref counts.Connections);
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endPoint);
            await using var network = new NetworkStream(socket, ownsSocket: true);
            await using var tls = isTls ? new SslStream(network) : null;
            if (tls is not null) await tls.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost", SslApplicationProtocol.Http2));
            stream = tls ?? (Stream)network;
            var window = random.Next(4) switch { 0 => 0, 1 => random.Next(100), 2 => 65_535, _ => 1 << 20 };
            byte[] settings = [0, 4, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(2), window);
            isGenerous = random.Next(5) != 0;
            isSlow = random.Next(4) == 0;
            Task? reading = null;
            try
            {
                await stream.WriteAsync((byte[])[.. RawHttp2Client.Preface, .. RawHttp2Client.Frame(Http2FrameType.Settings, 0, 0, settings)]);
                reading = ReadAsync();
                await PlayAsync(window);
                await EndAsync(reading);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                Interlocked.Increment(ref counts.Cut);
            }
            finally
            {
                if (random.Next(2) == 0) socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
                if (reading is not null) await reading;
            }
        }

        private async Task PlayAsync(int window)
        {
            var next = 1;
            var steps = random.Next(20, 300);
            for (var i = 0; i < steps; i++)
            {
                var batch = new List<byte>();
                for (var n = random.Next(1, 8); n > 0; n--) batch.AddRange(Step(ref next, ref window));
                await SendAsync([.. batch]);
                if (random.Next(3) == 0) await Task.Delay(random.Next(4));
            }
        }

        private byte[] Step(ref int next, ref int window)
        {
            var some = open.Keys.ToArray();
            var one = some.Length == 0 ? 0 : some[random.Next(some.Length)];
            switch (random.Next(one == 0 ? 2 : 14))
            {
                case 0 or 1 or 2 or 3 when open.Count < 60:
                    var id = next;
                    next += 2;
                    Interlocked.Increment(ref counts.Streams);
                    var hasBody = random.Next(2) == 0;
                    open[id] = hasBody;
                    var size = random.Next(4) switch { 0 => 0, 1 => random.Next(2000), 2 => random.Next(100_000), _ => random.Next(1_000_000) };
                    var path = $"/?size={size}&read={(random.Next(3) switch { 0 => "all", 1 => "some", _ => "none" })}&length={(random.Next(2) == 0 ? "yes" : "no")}&flush={(random.Next(2) == 0 ? "yes" : "no")}&break={(random.Next(20) == 0 ? "yes" : "no")}&status={(random.Next(3) == 0 ? 403 : 200)}";
                    (string, string)[] more = hasBody && random.Next(4) == 0 ? [("expect", "100-continue")] : [];
                    return Frame(Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (hasBody ? 0 : Http2Frame.EndStream)), id, PlainHpack.Encode(
                        [(":method", hasBody ? "POST" : "GET"), (":scheme", isTls ? "https" : "http"), (":authority", "a.example"), (":path", path), .. more]));
                case 4 or 5 or 6 or 7 when open.TryGetValue(one, out var goesOn) && goesOn && taken < 700_000:
                    var piece = random.Next(5) switch { 0 => 0, 1 => 16_384, _ => random.Next(3000) };
                    var ends = random.Next(4) == 0;
                    if (ends) open.TryUpdate(one, false, true);
                    Interlocked.Add(ref taken, piece);
                    return random.Next(5) == 0 && piece is > 0 and < 16_000
                        ? Frame(Http2FrameType.Data, (byte)(Http2Frame.Padded | (ends ? Http2Frame.EndStream : 0)), one, [100, .. new byte[piece], .. new byte[100]])
                        : Frame(Http2FrameType.Data, ends ? Http2Frame.EndStream : (byte)0, one, new byte[piece]);
                case 8 when open.TryGetValue(one, out var goesOn) && goesOn && open.TryUpdate(one, false, true):
                    return Frame(Http2FrameType.Headers, Http2Frame.EndHeaders | Http2Frame.EndStream, one, PlainHpack.Encode([("x-checksum", "abc")]));
                case 9 or 10 when open.TryRemove(one, out _):
                    return Reset(one);
                case 11:
                    return Update(one, random.Next(1, 100_000));
                case 12:
                    return Update(0, random.Next(1, 100_000));
                default:
                    window = random.Next(2) == 0 ? random.Next(200_000) : 0;
                    byte[] settings = [0, 4, 0, 0, 0, 0];
                    BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(2), window);
                    return Frame(Http2FrameType.Settings, 0, 0, settings);
            }
        }

        /// <summary>At once; or properly: all streams are reset or given all the windows they want, and then the gateway must be the one that closes.</summary>
        private async Task EndAsync(Task reading)
        {
            if (random.Next(3) == 0) return;
            isSlow = false;
            isGenerous = true;
            var isPatient = random.Next(2) == 0;
            foreach (var (id, goesOn) in open.ToArray())
            {
                if (!isPatient || goesOn)
                {
                    open.TryRemove(id, out _);
                    await SendAsync(Reset(id));
                }
                else
                {
                    await SendAsync(Update(id, 2_000_000));
                }
            }

            await SendAsync([.. Update(0, 100_000_000), .. Frame(Http2FrameType.GoAway, 0, 0, new byte[8])]);
            if (await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(25))) == reading) Interlocked.Increment(ref counts.Kept);
            else
            {
                Interlocked.Increment(ref counts.Stuck);
                counts.Codes.AddOrUpdate($"stuck(patient {isPatient}, open {open.Count})", 1, static (_, n) => n + 1);
            }
        }

        private async Task ReadAsync()
        {
            var head = new byte[9];
            try
            {
                while (true)
                {
                    await stream.ReadExactlyAsync(head);
                    var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
                    await stream.ReadExactlyAsync(payload);
                    var id = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5));
                    switch ((Http2FrameType)head[3])
                    {
                        case Http2FrameType.Settings when (head[4] & Http2Frame.Ack) == 0:
                            await SendAsync(Frame(Http2FrameType.Settings, Http2Frame.Ack, 0, []));
                            break;
                        case Http2FrameType.Data or Http2FrameType.Headers:
                            if ((head[4] & Http2Frame.EndStream) != 0)
                            {
                                Interlocked.Increment(ref counts.Ended);
                                open.TryRemove(id, out _);
                            }

                            if (head[3] == 0 && payload.Length > 0 && isGenerous) await SendAsync([.. Update(id, payload.Length), .. Update(0, payload.Length)]);
                            break;
                        case Http2FrameType.WindowUpdate when id == 0:
                            Interlocked.Add(ref taken, -BinaryPrimitives.ReadInt32BigEndian(payload));
                            break;
                        case Http2FrameType.RstStream:
                            open.TryRemove(id, out _);
                            Interlocked.Increment(ref counts.Reset);
                            counts.Codes.AddOrUpdate($"reset {BinaryPrimitives.ReadInt32BigEndian(payload)}", 1, static (_, n) => n + 1);
                            break;
                        case Http2FrameType.GoAway:
                            counts.Codes.AddOrUpdate($"goaway {BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4))}", 1, static (_, n) => n + 1);
                            break;
                    }

                    if (isSlow) await Task.Delay(1);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task SendAsync(byte[] octets)
        {
            await sending.WaitAsync();
            try
            {
                await stream.WriteAsync(octets);
            }
            finally
            {
                sending.Release();
            }
        }

        private static byte[] Reset(int id) => Frame(Http2FrameType.RstStream, 0, id, [0, 0, 0, 8]);

        private static byte[] Update(int id, int more)
        {
            var payload = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(payload, more);
            return Frame(Http2FrameType.WindowUpdate, 0, id, payload);
        }

        private static byte[] Frame(Http2FrameType type, byte flags, int id, byte[] payload) => RawHttp2Client.Frame(type, flags, id, payload);
    }
}
